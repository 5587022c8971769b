// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Pillars, objectives, lines, themes, code lists, and what belongs to the plan as a whole.

use constancia_ledger::event::plan;
use constancia_proto::v1;

use super::error::Problem;
use super::value::{Fields, Read, Value};
use super::wording::{Wording, read_date, read_decimal, read_text};

const NAMED: &[&str] = &["id", "es", "en", "translated", "source"];

/// Everything of the plan but its indicators.
pub(super) fn read_structure(file: &Fields<'_>, wording: &Wording) -> Read<v1::Plan> {
    Ok(v1::Plan {
        id: file.text("plan")?,
        title: Some(read_text(&file.need("title")?)?),
        presented_on: file.optional("presented", read_date)?,
        review_due_source: wording.source(file, "overall_review_due_source")?,
        utc_offset_minutes: read_utc_offset(&file.need("utc_offset")?)?,
        source: wording.source(file, "source")?,
        ..read_parts(file, wording)?
    })
}

/// The parts that an amendment may set too, but for indicators.
pub(super) fn read_parts(file: &Fields<'_>, wording: &Wording) -> Read<v1::Plan> {
    Ok(v1::Plan {
        review_due_on: file.optional("overall_review_due", read_date)?,
        declared: file.optional("declared", |value| read_declared(value, wording))?,
        financing: file.optional("financing", |value| read_financing(value, wording))?,
        suppression: file.optional("suppression", |value| read_suppression(value, wording))?,
        pillars: each(file, "pillars", |value| read_pillar(value, wording))?,
        objectives: each(file, "objectives", |value| read_objective(value, wording))?,
        lines: each(file, "lines_of_action", |value| read_line(value, wording))?,
        themes: each(file, "themes_demanded", |value| read_theme(value, wording))?,
        code_lists: each(file, "code_lists", |value| read_code_list(value, wording))?,
        ..v1::Plan::default()
    })
}

/// What `read` makes of every item of the list at `key`.
pub(super) fn each<'a, T>(
    fields: &Fields<'a>,
    key: &str,
    read: impl Fn(&Value<'a>) -> Read<T>,
) -> Read<Vec<T>> {
    fields.items(key)?.iter().map(read).collect()
}

/// `-06:00`: minutes east of UTC.
fn read_utc_offset(value: &Value<'_>) -> Read<i32> {
    let text = value.text()?;
    parse_utc_offset(&text).ok_or_else(|| {
        value.error(Problem::WrongShape {
            expected: "an offset from UTC such as -06:00",
            found: format!("{text:?}"),
        })
    })
}

fn parse_utc_offset(text: &str) -> Option<i32> {
    let (east, rest) = match text.strip_prefix('-') {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix('+')?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two_digits = |part: &str| {
        let right = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if right { part.parse::<i32>().ok() } else { None }
    };
    let minutes = two_digits(minutes).filter(|minutes| *minutes < 60)?;
    let total = two_digits(hours)?.checked_mul(60)?.checked_add(minutes)?;
    if east { Some(total) } else { total.checked_neg() }
}

fn read_declared(value: &Value<'_>, wording: &Wording) -> Read<v1::DeclaredCounts> {
    let fields =
        value.fields(&["pillars", "objectives", "lines_of_action", "indicators", "source"])?;
    Ok(v1::DeclaredCounts {
        pillars: fields.optional("pillars", Value::number)?,
        objectives: fields.optional("objectives", Value::number)?,
        lines_of_action: fields.optional("lines_of_action", Value::number)?,
        indicators: fields.optional("indicators", Value::number)?,
        source: wording.source(&fields, "source")?,
    })
}

fn read_financing(value: &Value<'_>, wording: &Wording) -> Read<v1::Financing> {
    let fields = value.fields(&["committed_amount", "note", "source"])?;
    let source = wording.source(&fields, "source")?;
    let committed = fields.optional("committed_amount", |amount| {
        if amount.is_none() {
            let none = v1::NoneStated { source: source.clone(), note: None };
            return Ok(v1::financing::Committed::None(none));
        }
        read_money(amount).map(v1::financing::Committed::Amount)
    })?;
    let note = fields.optional("note", read_text)?;
    value.checked::<_, plan::Financing>(v1::Financing { committed, note, source })
}

fn read_money(value: &Value<'_>) -> Read<v1::Money> {
    let fields = value.fields(&["amount", "currency", "unit_multiplier"])?;
    Ok(v1::Money {
        amount: Some(read_decimal(&fields.need("amount")?)?),
        currency: fields.text("currency")?,
        unit_multiplier: fields.optional("unit_multiplier", Value::number)?.unwrap_or_default(),
    })
}

fn read_suppression(value: &Value<'_>, wording: &Wording) -> Read<v1::SuppressionRule> {
    let fields = value.fields(&["threshold", "zeros_shown", "source"])?;
    let rule = v1::SuppressionRule {
        threshold: fields.need("threshold")?.number()?,
        zeros_shown: fields.need("zeros_shown")?.truth()?,
        source: wording.source(&fields, "source")?,
    };
    value.checked::<_, plan::SuppressionRule>(rule)
}

fn read_pillar(value: &Value<'_>, wording: &Wording) -> Read<v1::Pillar> {
    let fields = value.fields(NAMED)?;
    let pillar = v1::Pillar {
        id: fields.text("id")?,
        name: Some(wording.name(&fields, "pillars")?),
        source: wording.source(&fields, "source")?,
    };
    value.checked::<_, plan::Pillar>(pillar)
}

fn read_objective(value: &Value<'_>, wording: &Wording) -> Read<v1::Objective> {
    let fields = value.fields(&["id", "pillar", "es", "en", "translated", "source"])?;
    let objective = v1::Objective {
        id: fields.text("id")?,
        pillar: fields.text("pillar")?,
        name: Some(wording.name(&fields, "objectives")?),
        source: wording.source(&fields, "source")?,
    };
    value.checked::<_, plan::Objective>(objective)
}

fn read_line(value: &Value<'_>, wording: &Wording) -> Read<v1::LineOfAction> {
    let fields =
        value.fields(&["id", "objective", "es", "en", "translated", "beyond_members", "source"])?;
    let line = v1::LineOfAction {
        id: fields.text("id")?,
        objective: fields.text("objective")?,
        name: Some(wording.name(&fields, "lines_of_action")?),
        source: wording.source(&fields, "source")?,
        beyond_members: fields.optional("beyond_members", Value::truth)?,
    };
    value.checked::<_, plan::LineOfAction>(line)
}

fn read_theme(value: &Value<'_>, wording: &Wording) -> Read<v1::Theme> {
    let fields = value.fields(NAMED)?;
    let theme = v1::Theme {
        id: fields.text("id")?,
        name: Some(wording.name(&fields, "themes_demanded")?),
        source: wording.source(&fields, "source")?,
    };
    value.checked::<_, plan::Theme>(theme)
}

fn read_code_list(value: &Value<'_>, wording: &Wording) -> Read<v1::CodeList> {
    let fields = value.fields(&["concept", "es", "en", "translated", "codes", "source"])?;
    let list = v1::CodeList {
        concept: fields.text("concept")?,
        name: Some(wording.name(&fields, "code_lists")?),
        codes: each(&fields, "codes", |code| read_code(code, wording))?,
        source: wording.source(&fields, "source")?,
    };
    value.checked::<_, plan::CodeList>(list)
}

fn read_code(value: &Value<'_>, wording: &Wording) -> Read<v1::Code> {
    let fields = value.fields(&["id", "es", "en", "translated"])?;
    let name = Some(wording.name(&fields, "code_lists")?);
    value.checked::<_, plan::CodeName>(v1::Code { id: fields.text("id")?, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_has_a_sign_two_digits_and_two_digits() {
        assert_eq!(parse_utc_offset("-06:00"), Some(-360));
        assert_eq!(parse_utc_offset("+05:30"), Some(330));
        for wrong in ["06:00", "-6:00", "-06", "-06:60", "-0600", "UTC", "-aa:bb", "--6:00"] {
            assert_eq!(parse_utc_offset(wrong), None, "{wrong}");
        }
    }
}
