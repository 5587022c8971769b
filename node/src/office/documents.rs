// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The canonical state documents of a view.

use bytes::Bytes;
use constancia_proto::v1;
use tonic::Status;

use super::entries::parse_view;
use super::{Answers, Office, refuse_replay};
use crate::limits::DOCUMENT_PIECE_BYTES;
use crate::request::RequestError;

impl Office {
    pub(super) async fn list_documents(
        &self,
        request: v1::GetDocumentsRequest,
    ) -> Result<Answers<v1::Document>, Status> {
        let view = parse_view(request.view.as_ref())?;
        let state = self
            .replay(move |replay, _| replay.state(&view).map_err(|error| refuse_replay(&error)))
            .await?;
        let mut documents: Vec<Result<v1::Document, Status>> = Vec::new();
        let mut unknown = request.names.clone();
        for (name, content) in state.documents() {
            unknown.retain(|asked| *asked != name);
            if request.names.is_empty() || request.names.contains(&name) {
                documents.extend(split(&name, content).map(Ok));
            }
        }
        match unknown.into_iter().next() {
            Some(name) => Err(RequestError::NoDocument { name }.into()),
            None => Ok(Box::pin(tokio_stream::iter(documents))),
        }
    }
}

/// A document in pieces: every figure ever published is in it, so that there is no largest one.
fn split(name: &str, mut content: Bytes) -> impl Iterator<Item = v1::Document> {
    std::iter::from_fn(move || {
        let length = content.len().min(DOCUMENT_PIECE_BYTES);
        (length > 0)
            .then(|| v1::Document { name: name.to_owned(), content: content.split_to(length) })
    })
}
