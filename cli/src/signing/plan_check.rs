// SPDX-License-Identifier: Apache-2.0 OR MIT
//! What the plan says of an event at the moment of signing, whoever prepared it: indicators and codes
//! exist, small counts are suppressed, a percentage beside its terms.
//!
//! A draft comes from another machine and may have been changed; what is signed stays for ever.

use constancia_ledger::event::decimal::QuotientScale;
use constancia_ledger::event::observation::QuotientCheck;
use constancia_ledger::event::{Plan, Report};
use constancia_ledger::fault::Fault;
use constancia_proto::v1;
use constancia_proto::v1::event::Body;

use crate::failure::{Explain, Failure};
use crate::reference::report_of;
use crate::table::checks::{
    find_single_suppressed, find_small_counts, find_wrong_code, place_text, unknown_indicator,
    unknown_line,
};
use crate::ui::Ui;
use crate::words::{Lang, errors, sheets, signing as words};

/// Refuses events that the plan does not bear.
///
/// # Errors
/// [`AgainstPlan`] with everything that is wrong.
pub(crate) fn check_plan(lang: Lang, plan: &Plan, events: &[v1::Event]) -> Result<(), Failure> {
    let mut lines = Vec::new();
    for body in events.iter().filter_map(|event| event.body.as_ref()) {
        if let Some(report) = report_of(body) {
            check_report(&mut lines, lang, plan, report);
        } else if let Body::Budget(budget) = body {
            lines.extend(check_line(lang, plan, &budget.line));
        }
    }
    if lines.is_empty() { Ok(()) } else { Err(AgainstPlan { lines }.into()) }
}

fn check_report(lines: &mut Vec<String>, lang: Lang, plan: &Plan, report: &v1::Report) {
    let known = plan.indicators.iter().find(|known| known.id.as_str() == report.indicator);
    let Some(indicator) = known else {
        lines.push(unknown_indicator(lang, plan, &report.indicator));
        return;
    };
    let period = report.period.as_ref().map_or("", |period| period.text.as_str());
    for observation in &report.observations {
        let key = observation.key.clone().unwrap_or_default();
        let place = format!("{} {}", report.indicator, place_text(&key, period));
        let codes = key.dimensions.iter().filter_map(|dimension| {
            find_wrong_code(lang, plan, &dimension.concept, &dimension.code)
        });
        let counts = plan
            .suppression
            .iter()
            .flat_map(|rule| find_small_counts(lang, observation, &report.unit, indicator, rule));
        let wrong = codes.chain(counts.map(|(_, message)| message));
        lines.extend(wrong.map(|message| format!("{place}: {message}")));
    }
    if let Some(total) = find_single_suppressed(&report.observations) {
        let message = sheets::single_suppressed(lang, &total);
        lines.push(format!("{} {period}: {message}", report.indicator));
    }
}

fn check_line(lang: Lang, plan: &Plan, line: &str) -> Option<String> {
    let is_known = line.is_empty() || plan.lines.iter().any(|known| known.id.as_str() == line);
    (!is_known).then(|| unknown_line(lang, plan, line))
}

/// A value that is not its numerator over its denominator may have been published like that; whoever
/// signs must see it.
pub(crate) fn warn_of_quotients(ui: Ui, plan: &Plan, events: &[v1::Event]) {
    let reports = events.iter().filter_map(|event| report_of(event.body.as_ref()?));
    for report in reports.filter_map(|report| Report::try_from(report.clone()).ok()) {
        let known = plan.indicators.iter().find(|known| known.id == report.indicator);
        let Some(indicator) = known else {
            continue;
        };
        let unit = report.unit.as_ref().unwrap_or(&indicator.unit);
        let multiplier = report.unit_multiplier.unwrap_or(indicator.unit_multiplier);
        let scale = QuotientScale::of_unit(unit, multiplier);
        for observation in &report.observations {
            let differs = observation.check_quotient(scale) == QuotientCheck::Differs;
            if let (true, Some(value), Some(ratio)) =
                (differs, observation.value(), observation.ratio())
            {
                let place = observation.key.coordinates(report.period);
                let quotient = format!("{} / {}", ratio.numerator, ratio.denominator);
                let place = format!("{} {place}", report.indicator);
                ui.warn(&words::quotient_differs(ui.lang, &place, &value, &quotient));
            }
        }
    }
}

/// What the plan does not bear.
#[derive(Debug)]
struct AgainstPlan {
    lines: Vec<String>,
}

impl Explain for AgainstPlan {
    fn code(&self) -> &'static str {
        "sign.against_plan"
    }

    fn fault(&self) -> Fault {
        Fault::Refused
    }

    fn message(&self, lang: Lang) -> String {
        errors::sign_against_plan(lang)
    }

    fn details(&self, _lang: Lang) -> Vec<String> {
        self.lines.clone()
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        Some(errors::sign_against_plan_hint(lang))
    }
}
