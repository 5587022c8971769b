// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Indicators: their technical sheets, in the three parts of the file that hold some.

use constancia_ledger::event::Indicator;
use constancia_ledger::event::indicator::{
    Accumulation, Direction, IndicatorDimension, IndicatorKind, IndicatorScope, IndicatorStanding,
    Periodicity,
};
use constancia_proto::v1;

use super::structure::each;
use super::value::{Fields, Read, Value};
use super::wording::{Wording, read_decimal, read_period, read_text, text_of};

/// Every key of an indicator.
const KEYS: &[&str] = &[
    "id",
    "line",
    "objective",
    "pillar",
    "es",
    "en",
    "translated",
    "definition",
    "kind",
    "dimension",
    "unit",
    "unit_multiplier",
    "unit_of_count",
    "method",
    "direction",
    "accumulation",
    "periodicity",
    "due_days",
    "baseline",
    "targets",
    "thresholds",
    "responsible",
    "responsible_source",
    "disaggregations",
    "means_of_verification",
    "scope",
    "themes",
    "global_ref",
    "denominator",
    "source",
    "classification_source",
];

/// The indicators in `part` of the file.
pub(super) fn read_indicators(
    file: &Fields<'_>,
    part: &str,
    standing: IndicatorStanding,
    wording: &Wording,
) -> Read<Vec<v1::Indicator>> {
    let classification = wording.source(file, "classification_source")?;
    each(file, part, |value| {
        let fields = value.fields(KEYS)?;
        let name = wording.name(&fields, part)?;
        let mut indicator = read_sheet(&fields, wording)?;
        indicator.name = Some(name);
        indicator.standing = standing.number();
        let own = wording.source(&fields, "classification_source")?;
        indicator.classification_source = own.or_else(|| classification.clone());
        value.checked::<_, Indicator>(indicator)
    })
}

fn read_sheet(fields: &Fields<'_>, wording: &Wording) -> Read<v1::Indicator> {
    let mut indicator = read_classification(fields)?;
    indicator.definition = fields.optional("definition", read_text)?;
    indicator.unit = fields.text("unit")?;
    indicator.unit_multiplier =
        fields.optional("unit_multiplier", Value::number)?.unwrap_or_default();
    indicator.unit_of_count = fields.optional("unit_of_count", read_text)?;
    indicator.method = fields.optional("method", |value| read_method(value, wording))?;
    indicator.due_days = fields.optional("due_days", Value::number)?;
    indicator.baseline = fields.optional("baseline", |value| read_baseline(value, wording))?;
    indicator.targets = fields.optional("targets", |value| read_targets(value, wording))?;
    indicator.thresholds =
        fields.optional("thresholds", |value| read_thresholds(value, wording))?;
    indicator.responsible = read_responsible(fields, wording)?;
    indicator.disaggregations =
        fields.optional("disaggregations", |value| read_disaggregations(value, wording))?;
    indicator.means_of_verification =
        fields.optional("means_of_verification", |value| read_means(value, wording))?;
    indicator.global_references =
        fields.optional("global_ref", read_references)?.unwrap_or_default();
    indicator.source = wording.source(fields, "source")?;
    indicator.fixed_denominator = fields.optional("denominator", read_decimal)?;
    Ok(indicator)
}

/// Where the indicator hangs and what it is.
fn read_classification(fields: &Fields<'_>) -> Read<v1::Indicator> {
    let kind = fields
        .optional("kind", |value| value.choice(IndicatorKind::ALL, IndicatorKind::as_str))?
        .map(IndicatorKind::number);
    let dimension = fields
        .optional("dimension", |value| {
            value.choice(IndicatorDimension::ALL, IndicatorDimension::as_str)
        })?
        .map(IndicatorDimension::number);
    let direction = fields
        .optional("direction", |value| value.choice(Direction::ALL, Direction::as_str))?
        .map(Direction::number);
    let accumulation = fields
        .optional("accumulation", |value| value.choice(Accumulation::ALL, Accumulation::as_str))?
        .map(Accumulation::number);
    let periodicity = fields
        .optional("periodicity", |value| value.choice(Periodicity::ALL, Periodicity::as_str))?
        .map(Periodicity::number);
    let scope = fields
        .optional("scope", |value| value.choice(IndicatorScope::ALL, IndicatorScope::as_str))?
        .map(IndicatorScope::number);
    Ok(v1::Indicator {
        id: fields.text("id")?,
        line: fields.text_or_empty("line")?,
        objective: fields.text_or_empty("objective")?,
        pillar: fields.text_or_empty("pillar")?,
        kind: kind.unwrap_or_default(),
        dimension: dimension.unwrap_or_default(),
        direction: direction.unwrap_or_default(),
        accumulation: accumulation.unwrap_or_default(),
        periodicity: periodicity.unwrap_or_default(),
        scope: scope.unwrap_or_default(),
        themes: fields.optional("themes", Value::sorted_texts)?.unwrap_or_default(),
        ..v1::Indicator::default()
    })
}

fn read_method(value: &Value<'_>, wording: &Wording) -> Read<v1::Method> {
    let fields = value.fields(&["text", "formula", "variables"])?;
    Ok(v1::Method {
        text: fields.optional("text", read_text)?,
        formula: fields.text_or_empty("formula")?,
        variables: each(&fields, "variables", |variable| {
            let keys = &["symbol", "es", "en", "translated", "unit", "source"];
            let fields = variable.fields(keys)?;
            Ok(v1::Variable {
                symbol: fields.text("symbol")?,
                name: Some(text_of(&fields)?),
                unit: fields.text_or_empty("unit")?,
                source: wording.source(&fields, "source")?,
            })
        })?,
    })
}

/// `none`, or `{none: {source, note}}`: a source says that there is none.
fn read_none(value: &Value<'_>, wording: &Wording) -> Read<Option<v1::NoneStated>> {
    if value.is_none() {
        return Ok(Some(v1::NoneStated::default()));
    }
    if !value.is_map() {
        return Ok(None);
    }
    let fields = value.any_fields()?;
    if fields.get("none").is_none() {
        return Ok(None);
    }
    let fields = value.fields(&["none"])?.need("none")?.fields(&["source", "note"])?;
    Ok(Some(v1::NoneStated {
        source: wording.source(&fields, "source")?,
        note: fields.optional("note", read_text)?,
    }))
}

fn read_baseline(value: &Value<'_>, wording: &Wording) -> Read<v1::Baseline> {
    let baseline = match read_none(value, wording)? {
        Some(none) => v1::baseline::Baseline::None(none),
        None => v1::baseline::Baseline::Value(read_period_value(value, wording)?),
    };
    Ok(v1::Baseline { baseline: Some(baseline) })
}

fn read_targets(value: &Value<'_>, wording: &Wording) -> Read<v1::Targets> {
    let none = read_none(value, wording)?;
    let values = match none {
        Some(_) => Vec::new(),
        None => value
            .items()?
            .iter()
            .map(|target| read_period_value(target, wording))
            .collect::<Read<_>>()?,
    };
    Ok(v1::Targets { values, none })
}

fn read_period_value(value: &Value<'_>, wording: &Wording) -> Read<v1::PeriodValue> {
    let fields = value.fields(&["period", "value", "source"])?;
    Ok(v1::PeriodValue {
        period: Some(read_period(&fields.need("period")?)?),
        value: Some(read_decimal(&fields.need("value")?)?),
        source: wording.source(&fields, "source")?,
    })
}

fn read_thresholds(value: &Value<'_>, wording: &Wording) -> Read<v1::StatusThresholds> {
    let fields = value.fields(&["on_track", "behind", "source"])?;
    Ok(v1::StatusThresholds {
        on_track: Some(read_decimal(&fields.need("on_track")?)?),
        behind: Some(read_decimal(&fields.need("behind")?)?),
        source: wording.source(&fields, "source")?,
    })
}

fn read_responsible(fields: &Fields<'_>, wording: &Wording) -> Read<Option<v1::Responsible>> {
    let source = wording.source(fields, "responsible_source")?;
    fields.optional("responsible", |value| {
        if value.is_none() {
            let none = Some(v1::NoneStated { source, note: None });
            return Ok(v1::Responsible { none, ..v1::Responsible::default() });
        }
        Ok(match read_none(value, wording)? {
            Some(none) => {
                v1::Responsible { none: Some(none), source, ..v1::Responsible::default() }
            }
            None => v1::Responsible { members: value.sorted_texts()?, none: None, source },
        })
    })
}

fn read_disaggregations(value: &Value<'_>, wording: &Wording) -> Read<v1::Disaggregations> {
    if let Some(none) = read_none(value, wording)? {
        return Ok(v1::Disaggregations { list: Vec::new(), none: Some(none) });
    }
    let items = value.items()?;
    let mut list: Vec<v1::Disaggregation> =
        items.iter().map(|item| read_disaggregation(item, wording)).collect::<Read<_>>()?;
    list.sort_by(|a, b| a.concept.cmp(&b.concept));
    Ok(v1::Disaggregations { list, none: None })
}

/// A concept, or a map that says more.
fn read_disaggregation(value: &Value<'_>, wording: &Wording) -> Read<v1::Disaggregation> {
    if !value.is_map() {
        return Ok(v1::Disaggregation { concept: value.text()?, ..v1::Disaggregation::default() });
    }
    let fields = value.fields(&["concept", "required", "criterion", "source"])?;
    Ok(v1::Disaggregation {
        concept: fields.text("concept")?,
        required: fields.optional("required", Value::truth)?.unwrap_or_default(),
        criterion: fields.text_or_empty("criterion")?,
        source: wording.source(&fields, "source")?,
    })
}

fn read_means(value: &Value<'_>, wording: &Wording) -> Read<v1::MeansOfVerification> {
    use v1::means_of_verification::Means;
    if let Some(none) = read_none(value, wording)? {
        return Ok(v1::MeansOfVerification { means: Some(Means::None(none)), source: None });
    }
    let fields = value.fields(&["es", "en", "translated", "source"])?;
    Ok(v1::MeansOfVerification {
        means: Some(Means::Text(text_of(&fields)?)),
        source: wording.source(&fields, "source")?,
    })
}

/// One reference, or a list.
fn read_references(value: &Value<'_>) -> Read<Vec<String>> {
    match value.text() {
        Ok(reference) => Ok(vec![reference]),
        Err(_no_single_one) => value.items()?.iter().map(Value::text).collect(),
    }
}
