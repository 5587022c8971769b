// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The walk against the definition, on random graphs.

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
struct Node {
    member: u32,
    effective_at_ms: u64,
    parents: Vec<usize>,
}

struct Graph(Vec<Node>);

impl Ancestry for Graph {
    fn member(&self, entry: usize) -> u32 {
        self.0[entry].member
    }

    fn effective_at_ms(&self, entry: usize) -> u64 {
        self.0[entry].effective_at_ms
    }

    fn parents(&self, entry: usize) -> &[usize] {
        &self.0[entry].parents
    }
}

impl Graph {
    /// Parents are entries that came before; effective time never falls from parent to child.
    fn build(drawn: Vec<(u32, u64, Vec<prop::sample::Index>)>) -> Self {
        let mut nodes: Vec<Node> = Vec::new();
        for (member, claimed, parents) in drawn {
            let parents: Vec<usize> = if nodes.is_empty() {
                Vec::new()
            } else {
                let chosen: BTreeSet<usize> =
                    parents.iter().map(|parent| parent.index(nodes.len())).collect();
                chosen.into_iter().collect()
            };
            let effective_at_ms =
                parents.iter().map(|parent| nodes[*parent].effective_at_ms).fold(claimed, u64::max);
            nodes.push(Node { member, effective_at_ms, parents });
        }
        Self(nodes)
    }

    fn ancestors(&self, entry: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut pending = self.0[entry].parents.clone();
        while let Some(ancestor) = pending.pop() {
            if found.insert(ancestor) {
                pending.extend_from_slice(&self.0[ancestor].parents);
            }
        }
        found
    }

    /// The definition, for entries in `held`.
    fn earliest_ms(&self, held: &BTreeSet<usize>, entry: usize) -> Option<u64> {
        held.iter()
            .filter(|witness| self.0[**witness].member != self.0[entry].member)
            .filter(|witness| self.ancestors(**witness).contains(&entry))
            .chain((held.contains(&entry) && self.0[entry].parents.is_empty()).then_some(&entry))
            .map(|witness| self.0[*witness].effective_at_ms)
            .min()
    }
}

fn graph() -> impl Strategy<Value = (Graph, Vec<prop::sample::Index>)> {
    let node = (0..4_u32, 0..20_u64, prop::collection::vec(any::<prop::sample::Index>(), 1..4));
    prop::collection::vec(node, 1..40).prop_flat_map(|drawn| {
        let count = drawn.len();
        let order = prop::collection::vec(any::<prop::sample::Index>(), count);
        (Just(()).prop_map(move |()| Graph::build(drawn.clone())), order)
    })
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

proptest! {
    #[test]
    fn the_walk_agrees_with_the_definition_in_any_order_of_arrival((graph, order) in graph()) {
        let mut witnesses = Witnesses::default();
        let mut held = BTreeSet::new();
        for choice in order {
            // Any entry whose parents are held may come next.
            let ready: Vec<usize> = (0..graph.0.len())
                .filter(|entry| !held.contains(entry))
                .filter(|entry| graph.0[*entry].parents.iter().all(|parent| held.contains(parent)))
                .collect();
            let entry = ready[choice.index(ready.len())];
            let before: Vec<_> = (0..graph.0.len()).map(|it| witnesses.earliest_ms(it)).collect();
            let mut fallen = BTreeSet::new();
            witnesses.take_in(&graph, entry, &mut fallen);
            held.insert(entry);
            for (entry, before) in before.into_iter().enumerate() {
                let found = witnesses.earliest_ms(entry);
                prop_assert_eq!(found, graph.earliest_ms(&held, entry));
                prop_assert_eq!(fallen.contains(&entry), found != before);
            }
        }
    }

    #[test]
    fn what_is_witnessed_by_a_time_is_causally_closed((graph, _) in graph(), until in 0..20_u64) {
        let mut witnesses = Witnesses::default();
        for entry in 0..graph.0.len() {
            witnesses.take_in(&graph, entry, &mut BTreeSet::new());
        }
        let by_then = |entry: usize| witnesses.earliest_ms(entry).is_some_and(|at| at <= until);
        for entry in (0..graph.0.len()).filter(|entry| by_then(*entry)) {
            prop_assert!(graph.ancestors(entry).into_iter().all(by_then));
        }
    }
}
