// SPDX-License-Identifier: Apache-2.0 OR MIT
//! `reviews.json`: consultations, reviews, recommendations and agreements, as they were signed.

use serde::{Deserialize, Serialize};

use super::governance::ListedEvent;

/// Consultations, sign-offs, reviews, recommendations, their answers, agreements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewsDocument {
    /// In the ledger's order.
    pub events: Vec<ListedEvent>,
}
