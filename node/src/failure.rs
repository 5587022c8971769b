// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Errors on the wire: whose fault an error is becomes a gRPC code here, and nowhere else.
//!
//! The stable code travels as metadata `constancia-code`, a hint as `constancia-hint-bin`.

use std::error::Error;
use std::fmt;

use constancia_ledger::fault::{Coded, Fault};
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

/// Metadata key of the stable code.
pub const CODE_KEY: &str = "constancia-code";
/// Metadata key of the hint, which may have any characters.
pub const HINT_KEY: &str = "constancia-hint-bin";

/// Bytes of a message or hint that are believed of another process.
const TEXT_BYTES_MAX: usize = 4_096;

/// An error as it crosses a process boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The stable code, such as `chain.sequence_gap`.
    pub code: String,
    /// Whose fault it is.
    pub fault: Fault,
    /// What went wrong, with its causes.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl Failure {
    /// An error, its causes in one line.
    pub fn of(error: &dyn Coded) -> Self {
        Self {
            code: error.code().to_owned(),
            fault: error.fault(),
            message: join_causes(error),
            hint: None,
        }
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: Option<&str>) -> Self {
        self.hint = hint.map(str::to_owned);
        self
    }

    /// As a gRPC status.
    pub fn to_status(&self) -> Status {
        let mut metadata = MetadataMap::new();
        if let Ok(code) = MetadataValue::try_from(&self.code) {
            metadata.insert(CODE_KEY, code);
        }
        if let Some(hint) = &self.hint {
            metadata.insert_bin(HINT_KEY, MetadataValue::from_bytes(hint.as_bytes()));
        }
        Status::with_metadata(to_grpc_code(self.fault), &self.message, metadata)
    }

    /// Reads a gRPC status. One that did not come from Constancia gets the code `rpc.failed`.
    pub fn from_status(status: &Status) -> Self {
        let code = status.metadata().get(CODE_KEY).and_then(|code| code.to_str().ok());
        let hint = status
            .metadata()
            .get_bin(HINT_KEY)
            .and_then(|hint| hint.to_bytes().ok())
            .map(|hint| clean(&String::from_utf8_lossy(&hint)));
        Self {
            code: clean(code.unwrap_or(RPC_FAILED)),
            fault: from_grpc_code(status.code()),
            message: clean(status.message()),
            hint,
        }
    }
}

/// The code of a status that carries none of ours.
pub const RPC_FAILED: &str = "rpc.failed";

/// An error as a gRPC status.
pub fn to_status(error: &dyn Coded) -> Status {
    Failure::of(error).to_status()
}

/// An error's message and its causes', each once.
pub fn join_causes(error: &dyn Coded) -> String {
    let mut text = error.to_string();
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.ends_with(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}

const fn to_grpc_code(fault: Fault) -> Code {
    match fault {
        Fault::Malformed => Code::InvalidArgument,
        Fault::Refused => Code::FailedPrecondition,
        Fault::Conflict => Code::Aborted,
        Fault::Unavailable => Code::Unavailable,
        Fault::Corrupt => Code::DataLoss,
    }
}

const fn from_grpc_code(code: Code) -> Fault {
    match code {
        Code::InvalidArgument | Code::OutOfRange => Fault::Malformed,
        Code::Aborted | Code::AlreadyExists => Fault::Conflict,
        Code::DataLoss => Fault::Corrupt,
        Code::FailedPrecondition
        | Code::NotFound
        | Code::PermissionDenied
        | Code::Unauthenticated
        | Code::Unimplemented => Fault::Refused,
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::ResourceExhausted
        | Code::Internal
        | Code::Unavailable => Fault::Unavailable,
    }
}

/// What another process said, fit to be shown: no control characters, not too long.
fn clean(text: &str) -> String {
    let mut text: String = text.chars().filter(|character| !character.is_control()).collect();
    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAULTS: [Fault; 5] =
        [Fault::Malformed, Fault::Refused, Fault::Conflict, Fault::Unavailable, Fault::Corrupt];

    #[test]
    fn a_failure_crosses_the_wire_unchanged() {
        for fault in FAULTS {
            let failure = Failure {
                code: "chain.sequence_gap".to_owned(),
                fault,
                message: "expected sequence number 7, found 9".to_owned(),
                hint: Some("sincronice primero: año 2024".to_owned()),
            };
            assert_eq!(Failure::from_status(&failure.to_status()), failure);
        }
    }

    #[test]
    fn a_status_of_another_origin_gets_a_code() {
        let failure = Failure::from_status(&Status::unavailable("no\u{7} route"));
        assert_eq!(failure.code, RPC_FAILED);
        assert_eq!(failure.fault, Fault::Unavailable);
        assert_eq!(failure.message, "no route");
    }
}
