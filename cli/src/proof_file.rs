// SPDX-License-Identifier: Apache-2.0 OR MIT
//! A fork proof as a file that verifies alone: a line that names the format, and the canonical message
//! in hexadecimal digits. Text, so that it survives mail and print.

use std::path::Path;

use constancia_ledger::entry::fork::{ForkError, ForkProof};
use constancia_ledger::entry::verify::KnownKeys;
use constancia_ledger::entry::{decode_entry, verify_entry};
use constancia_ledger::fault::Fault;
use constancia_ledger::id::LedgerId;
use constancia_proto::v1;
use prost::Message as _;

use crate::failure::{Explain, Failure};
use crate::files::{Readers, read_text, write_new};
use crate::words::{Lang, refusals};

/// The first line.
const FORMAT: &str = "constancia-fork-proof-v1";

/// Bytes of a proof file: two headers of at most 4,096 bytes, twice as many digits, and some room.
const PROOF_BYTES_MAX: u64 = 64 * 1_024;

/// The text of a proof's file.
pub(crate) fn to_text(proof: &v1::ForkProof) -> String {
    format!("{FORMAT}\n{}\n", hex::encode(proof.encode_to_vec()))
}

/// Writes a proof, never over a file that is there.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn write(path: &Path, proof: &v1::ForkProof) -> Result<(), Failure> {
    Ok(write_new(path, to_text(proof).as_bytes(), Readers::Default)?)
}

/// Reads a file and verifies the proof in it, which names its ledger itself.
///
/// # Errors
/// Where the file is none of a proof. What is wrong with the proof is the inner result.
pub(crate) fn check(path: &Path) -> Result<Result<ForkProof, ForkError>, Failure> {
    let text = read_text(path, PROOF_BYTES_MAX)?;
    let file = || path.display().to_string();
    let Some(digits) = text.trim().strip_prefix(FORMAT) else {
        return Err(ProofFileError::NotAProof { file: file() }.into());
    };
    let bytes = hex::decode(digits.trim()).ok();
    let message = bytes.as_ref().and_then(|bytes| v1::ForkProof::decode(bytes.as_slice()).ok());
    let (Some(bytes), Some(message)) = (bytes, message) else {
        return Err(ProofFileError::Damaged { file: file() }.into());
    };
    if message.encode_to_vec() != bytes {
        return Ok(Err(ForkError::NotCanonical));
    }
    let ledger = match LedgerId::try_from(&*message.ledger_id) {
        Ok(ledger) => ledger,
        Err(error) => return Ok(Err(ForkError::Ledger(error))),
    };
    Ok(verify_halves(&message, ledger).and_then(|()| ForkProof::verify(&message, ledger)))
}

/// Both halves are what their key signed, whatever they prove together: so a changed byte is told
/// apart from two sound entries that are no fork.
fn verify_halves(message: &v1::ForkProof, ledger: LedgerId) -> Result<(), ForkError> {
    let halves =
        [(&message.header_a, &message.signature_a), (&message.header_b, &message.signature_b)];
    for (header, signature) in halves {
        let entry = decode_entry(v1::SignedEntry {
            header: header.clone(),
            signature: signature.clone(),
            payload: None,
            salt: None,
        });
        let entry = entry.map_err(ForkError::Decode)?;
        verify_entry(entry, ledger, &KnownKeys::new()).map_err(ForkError::Verify)?;
    }
    Ok(())
}

/// Why a file gives no proof to verify.
#[derive(Debug)]
enum ProofFileError {
    /// Its first line is another.
    NotAProof { file: String },
    /// What follows the first line is no message.
    Damaged { file: String },
}

impl Explain for ProofFileError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAProof { .. } => "proof.not_a_proof",
            Self::Damaged { .. } => "proof.damaged",
        }
    }

    fn fault(&self) -> Fault {
        match self {
            Self::NotAProof { .. } => Fault::Malformed,
            Self::Damaged { .. } => Fault::Corrupt,
        }
    }

    fn message(&self, lang: Lang) -> String {
        match self {
            Self::NotAProof { file } => refusals::not_a_proof(lang, file),
            Self::Damaged { file } => refusals::proof_damaged(lang, file),
        }
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(refusals::not_a_proof_hint(lang))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_none_of_a_proof_is_told_apart_from_a_damaged_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("proof");
        let code = |text: &str| {
            std::fs::write(&path, text).unwrap();
            check(&path).map_err(|failure| failure.code().to_owned())
        };
        assert_eq!(code("gossip").unwrap_err(), "proof.not_a_proof");
        assert_eq!(code(&format!("{FORMAT}\n0a2")).unwrap_err(), "proof.damaged");
        assert_eq!(code(&format!("{FORMAT}\n0a21ff")).unwrap_err(), "proof.damaged");
        let empty = to_text(&v1::ForkProof::default());
        assert!(matches!(code(&empty).unwrap(), Err(ForkError::Ledger(_))));
    }
}
