// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `serve`: runs a node until it is told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use constancia_ledger::store::{LockPatience, StoreFolder};
use constancia_node::acknowledger::NodeKey;
use constancia_node::clock::SystemClock;
use constancia_node::node::{NodeConfig, start_node, wait_for_signal};
use constancia_node::open_ledger::OpenLedger;
use serde_json::json;

use super::join::parse_peer;
use super::{Caller, Ended, FINE, in_background};
use crate::failure::{Failure, OrTold as _, Told};
use crate::files::check_access;
use crate::key_folder;
use crate::words::{errors, faces};

/// Options of a node.
#[derive(Clone, Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    ways: WayArgs,
    #[arg(long, value_name = "KEY")]
    node_key: Option<String>,
    #[arg(long, value_name = "FILE", requires = "node_key")]
    passphrase_file: Option<PathBuf>,
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600, value_parser = clap::value_parser!(u64).range(1..))]
    ack_interval: u64,
    #[arg(long)]
    insecure_plaintext: bool,
    #[arg(long, requires = "node_key")]
    offline: bool,
}

/// How it meets others: it is called, it calls, or both.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = true)]
struct WayArgs {
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    #[arg(long, value_name = "ADDR")]
    peer: Vec<String>,
}

/// Runs the command.
///
/// # Errors
/// Where the store cannot be opened, the address cannot be listened at, or the store fails later.
pub(crate) async fn run(caller: &Caller, args: ServeArgs) -> Ended {
    let ui = caller.ui;
    crate::environment::start_logging(ui.json);
    let mut peers = Vec::new();
    for address in &args.ways.peer {
        peers.push(parse_peer(address)?);
    }
    let key = node_key(caller, &args)?;
    check_access(&caller.data)?;
    let folder = StoreFolder::new(&caller.data);
    let patience = LockPatience::JustKilled;
    let opened = in_background(move || OpenLedger::open(folder, patience).or_told()).await?;
    for notice in &opened.notices {
        let said = errors::as_said(ui.lang, &notice.to_string());
        ui.warn(&faces::store_notice(ui.lang, &said));
    }
    opened.require_sound().or_told()?;
    if key.is_none() {
        ui.notice(&faces::no_node_key(ui.lang));
    }
    let config = NodeConfig {
        listen: args.ways.listen,
        insecure_plaintext: args.insecure_plaintext,
        peers,
        key,
        offline: args.offline,
        acknowledge_interval: Duration::from_secs(args.ack_interval),
        ..NodeConfig::default()
    };
    let node = start_node(opened, config, Arc::new(SystemClock)).await.or_told()?;
    let status = crate::desk::Desk::of(node.client()).get_status().await?;
    let listen = node.listen_address().map_or_else(String::new, |address| address.to_string());
    if ui.json {
        ui.answer_json(&json!({
            "ledger_id": hex::encode(&status.ledger_id),
            "name": status.name,
            "listen": listen,
            "local": node.local_address().to_string(),
        }))?;
    } else {
        ui.answer(&faces::serving(ui.lang, &status.name, &status.entries))?;
        if !listen.is_empty() {
            ui.answer(&faces::listening(ui.lang, &listen))?;
        }
        for peer in &args.ways.peer {
            ui.answer(&faces::peering(ui.lang, peer))?;
        }
        ui.notice(&faces::stop_with_ctrl_c(ui.lang));
    }
    let failed = tokio::select! {
        () = wait_for_signal() => None,
        error = node.wait_for_failure() => Some(Failure::from(Told::of(&error))),
    };
    ui.notice(&faces::stopping(ui.lang));
    node.shutdown().await.or_told()?;
    match failed {
        Some(failure) => Err(failure),
        None => Ok(FINE),
    }
}

/// The key that acknowledges.
fn node_key(caller: &Caller, args: &ServeArgs) -> Result<Option<NodeKey>, Failure> {
    let Some(name) = &args.node_key else {
        return Ok(None);
    };
    let path = key_folder::locate(&caller.data, name);
    let key = key_folder::open(caller.ui, &path, args.passphrase_file.as_deref())?;
    Ok(Some(NodeKey { public: key.public, signer: Arc::new(key.signer), key_path: Some(key.path) }))
}
