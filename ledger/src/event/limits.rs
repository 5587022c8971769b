// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Limits on what an event says, each with its reason.
//!
//! The payload as a whole is limited with the entry: [`PAYLOAD_BYTES_MAX`](crate::limits::PAYLOAD_BYTES_MAX).

/// Bytes of a name, a citation or another text of one line, per language: the longest title of a
/// line of action that we have seen has about 500.
pub const LABEL_BYTES_MAX: usize = 1_024;

/// Bytes of a text of several lines, per language: about three printed pages. Longer is an attachment.
pub const PROSE_BYTES_MAX: usize = 8_192;

/// Characters of a slug, an id or a code: they become file names and column headings.
pub const NAME_CHARS_MAX: usize = 64;

/// Characters of a URL: what browsers and proxies agree to carry.
pub const URL_CHARS_MAX: usize = 2_048;

/// Characters of a found text that an error repeats: enough to recognise it.
pub const SHOWN_CHARS_MAX: usize = 60;

/// Digits of a decimal: every one fits an `i64`, and a spreadsheet's 15 fit with room to spare.
pub const DECIMAL_DIGITS_MAX: usize = 18;

/// Greatest power of ten, up or down, that a unit is multiplied by: as many as a decimal has digits.
pub const UNIT_MULTIPLIER_MAX: i8 = 18;

/// Minutes that a civil day may begin before or after UTC's: 18 hours, as ISO 8601 libraries agree.
pub const UTC_OFFSET_MINUTES_MAX: i32 = 18 * 60;

/// Days until a report is due: ten years, beyond any plan's review.
pub const DUE_DAYS_MAX: u32 = 3_660;

/// Observations of one report: 33 areas × 4 ages × 3 sexes × 12 months are 4,752.
pub const OBSERVATIONS_MAX: usize = 10_000;

/// Dimensions of one observation: more than any breakdown that keeps people unrecognisable.
pub const DIMENSIONS_MAX: usize = 12;

/// Attachments of one event: an archive holds more.
pub const EVIDENCE_MAX: usize = 64;

/// Members of a ledger: the limit on feeds that one exchange compares whole leaves each several keys.
pub const MEMBERS_MAX: usize = 512;

/// Keys that a charter or one decision grants: several for each member.
pub const KEYS_MAX: usize = 2_048;

/// Pillars, and themes, of a plan.
pub const PILLARS_MAX: usize = 64;

/// Objectives of a plan.
pub const OBJECTIVES_MAX: usize = 256;

/// Lines of action of a plan.
pub const LINES_MAX: usize = 1_024;

/// Indicators of a plan: the SDG framework, the largest known, has 231.
pub const INDICATORS_MAX: usize = 1_024;

/// Themes demanded of a plan.
pub const THEMES_MAX: usize = 256;

/// Code lists of a plan.
pub const CODE_LISTS_MAX: usize = 64;

/// Codes of a list: Mexico's municipalities, about 2,480, fit.
pub const CODES_MAX: usize = 4_096;

/// Targets of an indicator: monthly for twenty years.
pub const TARGETS_MAX: usize = 240;

/// Variables of a method of calculation.
pub const VARIABLES_MAX: usize = 32;

/// Global references of an indicator.
pub const GLOBAL_REFERENCES_MAX: usize = 32;

/// Changes of one plan amendment: every object of a large plan once.
pub const PLAN_CHANGES_MAX: usize = 2_048;

/// Participants of a consultation and parties of an agreement who are not members.
pub const PARTIES_MAX: usize = 512;
