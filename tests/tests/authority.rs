// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Goal: whatever some members conspire to do, all honest replicas with the same frontier agree on
//! state and digest, and no event without authority changes it.
//!
//! Method: random histories in which people fork, equivocate, vote twice or after they were revoked,
//! backdate, withhold, revoke each other, retire keys and cite what nobody has; each reaches replicas
//! in random ways, and a reference model of the rules says what must come of it. Then the corners
//! that random histories find seldom, one by one.

#[path = "authority/agreement.rs"]
mod agreement;
#[path = "authority/compare.rs"]
mod compare;
#[path = "authority/corners.rs"]
mod corners;
#[path = "authority/delivery.rs"]
mod delivery;
#[path = "authority/meeting.rs"]
mod meeting;
