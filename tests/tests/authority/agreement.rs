// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Replicas agree with the model on random histories.

use constancia_tests::histories::plot::plot;
use constancia_tests::histories::{Delivery, delivery};
use proptest::prelude::*;

use super::compare::differences;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        // A seed says nothing of a history once what can happen in one has changed.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_replica_says_what_the_model_says(plotted in plot(4..40), way in delivery()) {
        let desk = Delivery::deliver_to(&way, plotted.empty_desk(), &plotted.messages, |_| ());
        let found = differences(&plotted, &desk.replica);
        prop_assert!(found.is_empty(), "{found:#?}");
    }
}
