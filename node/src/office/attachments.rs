// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Keeping the file of an attachment beside the store.

use constancia_ledger::store::ATTACHMENT_BYTES_MAX;
use constancia_proto::v1;
use tonic::{Status, Streaming};

use super::Office;
use crate::failure::to_status;
use crate::live_replica::run_blocking;
use crate::request::{RequestError, fixed};

impl Office {
    pub(super) async fn keep_attachment(
        &self,
        mut chunks: Streaming<v1::PutAttachmentChunk>,
    ) -> Result<v1::PutAttachmentReply, Status> {
        self.require_sound()?;
        let folder = self.inner.folder.clone().ok_or(RequestError::NoFolder)?;
        let first = chunks.message().await?.ok_or(RequestError::FieldMissing { field: "hash" })?;
        let hash: [u8; 32] = fixed("hash", &first.hash)?;
        let salt: [u8; 16] = fixed("salt", &first.salt)?;
        let mut content = first.content.to_vec();
        while let Some(chunk) = chunks.message().await? {
            content.extend_from_slice(&chunk.content);
            if u64::try_from(content.len()).is_ok_and(|found| found > ATTACHMENT_BYTES_MAX) {
                let limit = ATTACHMENT_BYTES_MAX;
                return Err(RequestError::AttachmentTooLong { limit }.into());
            }
        }
        let length = u64::try_from(content.len()).unwrap_or(u64::MAX);
        run_blocking(move || folder.put_attachment(&hash, &salt, &content))
            .await
            .map_err(|error| to_status(&error))?;
        Ok(v1::PutAttachmentReply { length })
    }
}
