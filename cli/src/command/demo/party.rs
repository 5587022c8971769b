// SPDX-License-Identifier: Apache-2.0 OR MIT
//! One party of the demo: its keys, its data folder, its node.
//!
//! Signs as any official does: the private key stays here, the head file is written before the
//! entry leaves. Knows nothing of the story.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use constancia_ledger::entry::{UnverifiedEntry, VerifiedEntry};
use constancia_ledger::id::{EntryId, LedgerId};
use constancia_ledger::store::{HeadFile, LockPatience, StoreFolder};
use constancia_node::acknowledger::NodeKey;
use constancia_node::address::PeerAddress;
use constancia_node::clock::SystemClock;
use constancia_node::node::{NodeConfig, RunningNode, start_node};
use constancia_node::office::Office;
use constancia_node::open_ledger::OpenLedger;
use constancia_proto::v1;

use super::told;
use super::typed::Desk;
use crate::command::Caller;
use crate::failure::{Failure, Told};
use crate::key_folder::{self, OpenKey};
use crate::signing::seal;
use crate::ui::Ui;

/// The official's key.
const SIGN: &str = "firma";
/// The node's key.
const NODE: &str = "nodo";

/// How often a node acknowledges here; an hour is the rule elsewhere, and longer than the demo.
const ACKNOWLEDGE_INTERVAL: Duration = Duration::from_millis(300);

/// One party.
#[derive(Debug)]
pub(super) struct Party {
    /// Slug.
    pub(super) slug: &'static str,
    folder: PathBuf,
    sign: OpenKey,
    node: OpenKey,
    running: Option<RunningNode>,
}

impl Party {
    /// Makes the party's folder and its two keys.
    pub(super) fn new(caller: &Caller, root: &Path, slug: &'static str) -> Result<Self, Failure> {
        let folder = root.join(slug);
        let mut keys = [SIGN, NODE].into_iter().map(|name| {
            let path = key_folder::locate(&folder, name);
            // No passphrase: these keys sign an exercise.
            key_folder::create(&path, None)?;
            key_folder::open(caller.ui, &path, None)
        });
        let (Some(sign), Some(node)) = (keys.next(), keys.next()) else {
            return Err(super::DemoError::Vanished { what: slug.to_owned() }.into());
        };
        let (sign, node) = (sign?, node?);
        Ok(Self { slug, folder, sign, node, running: None })
    }

    /// What the charter grants the party.
    pub(super) fn grants(&self) -> [v1::KeyGrant; 2] {
        [(&self.sign, v1::KeyScope::Sign), (&self.node, v1::KeyScope::Acknowledge)].map(
            |(key, scope)| v1::KeyGrant {
                key: bytes::Bytes::copy_from_slice(key.public.as_bytes()),
                member: self.slug.to_owned(),
                scope: scope.into(),
                ..v1::KeyGrant::default()
            },
        )
    }

    /// The key that signs.
    pub(super) const fn signing_key(&self) -> &OpenKey {
        &self.sign
    }

    /// Where the key of this name lies.
    pub(super) fn key_path(&self, name: &str) -> PathBuf {
        key_folder::locate(&self.folder, name)
    }

    /// Signs with the key of this name from now on.
    pub(super) fn change_key(&mut self, ui: Ui, name: &str) -> Result<(), Failure> {
        self.sign = key_folder::open(ui, &self.key_path(name), None)?;
        Ok(())
    }

    /// Where the party's people type commands.
    pub(super) fn desk(&self, ui: Ui) -> Desk<'_> {
        let key = self.sign.path.file_name().and_then(|name| name.to_str()).unwrap_or(SIGN);
        Desk { ui, data: &self.folder, key }
    }

    /// Where the party keeps its copy.
    pub(super) fn folder(&self) -> StoreFolder {
        StoreFolder::new(self.folder.clone())
    }

    /// Founds the party's copy with the charter and starts its node.
    pub(super) async fn found(&mut self, charter: UnverifiedEntry) -> Result<(), Failure> {
        let opened = OpenLedger::found(self.folder(), charter).map_err(|error| told(&error))?;
        self.run(opened).await
    }

    /// Starts the node on what it kept.
    pub(super) async fn start(&mut self) -> Result<(), Failure> {
        let opened = OpenLedger::open(self.folder(), LockPatience::JustKilled)
            .map_err(|error| told(&error))?;
        opened.require_sound().map_err(|error| told(&error))?;
        self.run(opened).await
    }

    /// Stops the node; its store is closed clean.
    pub(super) async fn stop(&mut self) -> Result<(), Failure> {
        match self.running.take() {
            Some(node) => node.shutdown().await.map_err(|error| told(&error)),
            None => Ok(()),
        }
    }

    /// The office of a party whose node is stopped: verifies and repairs.
    pub(super) fn office(&self) -> Result<Office, Failure> {
        let opened = OpenLedger::open(self.folder(), LockPatience::JustKilled)
            .map_err(|error| told(&error))?;
        Ok(Office::new(opened, Arc::new(SystemClock)))
    }

    /// The running node.
    pub(super) fn node(&self) -> Result<&RunningNode, Failure> {
        let vanished = || super::DemoError::Vanished { what: self.slug.to_owned() };
        Ok(self.running.as_ref().ok_or_else(vanished)?)
    }

    /// Where other nodes reach this one.
    pub(super) fn address(&self) -> Result<PeerAddress, Failure> {
        let vanished = || super::DemoError::Vanished { what: self.slug.to_owned() };
        let address = self.node()?.listen_address().ok_or_else(vanished)?;
        address.to_string().parse().map_err(|error| told(&error))
    }

    /// What the node says of itself.
    pub(super) async fn status(&self) -> Result<v1::Status, Failure> {
        let mut client = self.node()?.client();
        let status = client.get_status(v1::GetStatusRequest {}).await;
        Ok(status.map_err(|status| super::refused(&status))?.into_inner())
    }

    /// Signs an event as the party's official and stores it at the party's node.
    pub(super) async fn sign(
        &self,
        ledger: LedgerId,
        event: &v1::Event,
    ) -> Result<EntryId, Failure> {
        crate::signing::check_events(std::slice::from_ref(event))?;
        let mut client = self.node()?.client();
        let mut head = self.head_file(ledger)?;
        let key = bytes::Bytes::copy_from_slice(self.sign.public.as_bytes());
        let context = client
            .get_signing_context(v1::GetSigningContextRequest { key, ..Default::default() })
            .await
            .map_err(|status| super::refused(&status))?
            .into_inner();
        let entry = seal(ledger, &context, &self.sign, event)?;
        head.write(&entry).map_err(|error| Told::of(&error))?;
        let request = v1::SubmitRequest { entry: Some(entry.to_message()) };
        client.submit(request).await.map_err(|status| super::refused(&status))?;
        Ok(entry.id())
    }

    /// Writes the head file of a charter, which is signed before there is a node.
    pub(super) fn keep_head(&self, ledger: LedgerId, entry: &VerifiedEntry) -> Result<(), Failure> {
        Ok(self.head_file(ledger)?.write(entry).map_err(|error| Told::of(&error))?)
    }

    fn head_file(&self, ledger: LedgerId) -> Result<HeadFile, Failure> {
        let patience = LockPatience::JustKilled;
        let opened = HeadFile::open(&self.sign.path, ledger, self.sign.public, patience);
        Ok(opened.map_err(|error| Told::of(&error))?)
    }

    async fn run(&mut self, opened: OpenLedger) -> Result<(), Failure> {
        let config = NodeConfig {
            listen: Some(([127, 0, 0, 1], 0).into()),
            key: Some(NodeKey {
                public: self.node.public,
                signer: Arc::new(self.node.signer.clone()),
                key_path: Some(self.node.path.clone()),
            }),
            acknowledge_interval: ACKNOWLEDGE_INTERVAL,
            ..NodeConfig::default()
        };
        let running = start_node(opened, config, Arc::new(SystemClock)).await;
        self.running = Some(running.map_err(|error| told(&error))?);
        Ok(())
    }
}
