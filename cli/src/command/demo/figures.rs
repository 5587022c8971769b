// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The demo's figures: real, each with its source, read from `cli/data`.
//!
//! A series is what one member publishes of one indicator and period, publication after
//! publication: the first becomes a report, each later one that says something else a correction.
//! Nothing here is computed but what changed.

use std::collections::BTreeMap;

use constancia_proto::v1;
use serde::Deserialize;

const BY_YEAR: &str = include_str!("../../../data/femicide-by-year.csv");
const BY_MONTH: &str = include_str!("../../../data/femicide-2024-by-month.csv");
const BY_AGE: &str = include_str!("../../../data/femicide-by-age.csv");

/// Femicide victims.
pub(super) const FEMICIDES: &str = "C-01";
/// The year whose figure was revised most often.
pub(super) const REVISED_YEAR: &str = "2023";
/// Women deployed to peacekeeping operations.
const DEPLOYED: &str = "I-02";
/// Share of women among those deployed.
const WOMEN_SHARE: &str = "C-03";

const SESNSP: &str = "Secretariado Ejecutivo del Sistema Nacional de Seguridad Pública, datos \
                      abiertos, Víctimas del fuero común";
const SENATE: &str = "Senado de la República, con base en un informe de la Secretaría de \
                      Relaciones Exteriores";
const ANNEX: &str = "Presupuesto de Egresos de la Federación, anexo 13, erogaciones para la \
                     igualdad entre mujeres y hombres";

/// What one member published of one indicator and period, in order.
#[derive(Clone, Debug)]
pub(super) struct Series {
    /// Slug.
    pub(super) member: &'static str,
    /// At least one; each differs from the one before.
    pub(super) vintages: Vec<Vintage>,
}

/// One publication.
#[derive(Clone, Debug)]
pub(super) struct Vintage {
    /// What it says.
    pub(super) report: v1::Report,
    /// Why it differs from the one before.
    pub(super) reason: v1::CorrectionReason,
    /// The same in words.
    pub(super) explanation: String,
}

#[derive(Debug, Deserialize)]
struct YearRow {
    cutoff: String,
    year: String,
    victims: String,
    partial_year: String,
}

#[derive(Debug, Deserialize)]
struct MonthRow {
    cutoff: String,
    month: String,
    victims: String,
}

#[derive(Debug, Deserialize)]
struct AgeRow {
    cutoff: String,
    year: String,
    age: String,
    victims: String,
}

/// Every series of the demo, or why a data file is not what it was.
pub(super) fn read_series() -> Result<Vec<Series>, csv::Error> {
    let ages = read_ages()?;
    let mut series = Vec::new();
    let years = group(read_rows::<YearRow>(BY_YEAR)?, |row| row.year.clone());
    for (year, rows) in years {
        let publications = rows.into_iter().map(|row| {
            let partial = row.partial_year == "yes";
            let cells = ages.get(&(row.cutoff.clone(), year.clone()));
            publication(&year, &row.cutoff, &row.victims, cells, partial)
        });
        series.extend(revise("sspc", publications));
    }
    let months = group(read_rows::<MonthRow>(BY_MONTH)?, |row| row.month.clone());
    for (month, rows) in months {
        let publications =
            rows.into_iter().map(|row| publication(&month, &row.cutoff, &row.victims, None, false));
        series.extend(revise("sspc", publications));
    }
    series.extend(peacekeeping());
    Ok(series)
}

/// Budgets of programmes for equality: the whole federation, not this plan.
pub(super) fn list_budgets() -> Vec<v1::Budget> {
    [
        ("2022", "232384641228", 0),
        ("2023", "346077017893", 0),
        ("2025", "479248", 6),
        ("2026", "599145", 6),
    ]
    .into_iter()
    .map(|(year, amount, unit_multiplier)| v1::Budget {
        fiscal_year: Some(period(year)),
        programme: Some(v1::Text {
            es: "Programas para la igualdad entre mujeres y hombres (anexo 13): toda la \
                 federación, no este plan"
                .to_owned(),
            en: "Programmes for equality between women and men (annex 13): the whole \
                 federation, not this plan"
                .to_owned(),
            translated: vec!["en".to_owned()],
        }),
        stage: v1::BudgetStage::Approved.into(),
        amount: Some(v1::budget::Amount::Money(v1::Money {
            amount: Some(decimal(amount)),
            currency: "MXN".to_owned(),
            unit_multiplier,
        })),
        price_basis: v1::PriceBasis::Current.into(),
        allocation: v1::BudgetAllocation::Shared.into(),
        source: Some(published(ANNEX)),
        ..v1::Budget::default()
    })
    .collect()
}

/// Whether a series is of one month.
pub(super) fn is_monthly(series: &Series) -> bool {
    let period = series.vintages.first().and_then(|vintage| vintage.report.period.as_ref());
    period.is_some_and(|period| period.text.len() == "2024-01".len())
}

/// Takes out the last publication of the year whose figure was revised most often: it is signed
/// later, with another key.
pub(super) fn take_last_revision(series: &mut [Series]) -> Option<Vintage> {
    let is_revised = |series: &&mut Series| {
        series.vintages.first().is_some_and(|vintage| {
            vintage.report.indicator == FEMICIDES
                && vintage.report.period.as_ref().is_some_and(|of| of.text == REVISED_YEAR)
        })
    };
    series.iter_mut().find(is_revised)?.vintages.pop()
}

fn peacekeeping() -> [Series; 3] {
    let early = single(DEPLOYED, "2015-01..2019-05", "10", "10 mujeres en 83 despliegues");
    let later = v1::Report {
        source: Some(v1::Source {
            published_on: Some(v1::Date { text: "2021-04-06".to_owned() }),
            ..secondary("Informe de la Secretaría de Relaciones Exteriores al Senado, prensa")
        }),
        ..single(
            DEPLOYED,
            "2015-03..2021-02",
            "22",
            "22 mujeres en «alrededor de 117» despliegues individuales: cifra aproximada",
        )
    };
    let navy = v1::Report {
        source: Some(secondary("Declaración de la Secretaría de Marina")),
        ..single(
            WOMEN_SHARE,
            "2022",
            "50",
            "Se declaró «50 por ciento» de mujeres uniformadas, sin numerador ni denominador",
        )
    };
    let mut all =
        [("sedena", early), ("sedena", later), ("semar", navy)].map(|(member, report)| {
            let reason = v1::CorrectionReason::Unspecified;
            Series {
                member,
                vintages: vec![Vintage { report, reason, explanation: String::new() }],
            }
        });
    // "About 117": an estimate, as the source says.
    let [_, Series { vintages, .. }, _] = &mut all;
    for observation in vintages.iter_mut().flat_map(|vintage| &mut vintage.report.observations) {
        observation.status = v1::ObsStatus::E.into();
    }
    all
}

/// A report of one figure without breakdown.
pub(super) fn single(indicator: &str, of: &str, value: &str, comment: &str) -> v1::Report {
    v1::Report {
        indicator: indicator.to_owned(),
        period: Some(period(of)),
        observations: vec![v1::Observation {
            value: Some(decimal(value)),
            status: v1::ObsStatus::A.into(),
            comment: comment.to_owned(),
            ..v1::Observation::default()
        }],
        source: Some(published(SENATE)),
        ..v1::Report::default()
    }
}

/// What the publication with data up to `cutoff` says of a year or month.
fn publication(
    of: &str,
    cutoff: &str,
    victims: &str,
    ages: Option<&Vec<(String, String)>>,
    partial: bool,
) -> v1::Report {
    let status = if partial { v1::ObsStatus::P } else { v1::ObsStatus::A };
    let total = v1::Observation {
        value: Some(decimal(victims)),
        status: status.into(),
        comment: if partial {
            format!("Año incompleto: datos hasta {cutoff}")
        } else {
            String::new()
        },
        ..v1::Observation::default()
    };
    let by_age = ages.into_iter().flatten().map(|(age, victims)| v1::Observation {
        key: Some(v1::ObservationKey {
            period: None,
            dimensions: vec![v1::DimensionValue {
                concept: "age".to_owned(),
                code: age.clone(),
                criterion: String::new(),
            }],
        }),
        value: Some(decimal(victims)),
        status: status.into(),
        ..v1::Observation::default()
    });
    v1::Report {
        indicator: FEMICIDES.to_owned(),
        period: Some(period(of)),
        cutoff: Some(v1::Date { text: cutoff.to_owned() }),
        observations: std::iter::once(total).chain(by_age).collect(),
        source: Some(published(SESNSP)),
        ..v1::Report::default()
    }
}

/// Publications that say something new, with what they change.
fn revise(member: &'static str, reports: impl Iterator<Item = v1::Report>) -> Option<Series> {
    let mut vintages: Vec<Vintage> = Vec::new();
    for report in reports {
        let Some(last) = vintages.last() else {
            let reason = v1::CorrectionReason::Unspecified;
            vintages.push(Vintage { report, reason, explanation: String::new() });
            continue;
        };
        let (before, after) = (total_of(&last.report), total_of(&report));
        let cutoff = report.cutoff.as_ref().map_or("", |cutoff| &cutoff.text);
        let (reason, explanation) = if is_partial(&last.report) {
            // The year went on: the source revised nothing, more of the year is in.
            let explanation = format!("Con datos hasta {cutoff}: {after}, donde había {before}");
            (v1::CorrectionReason::LateData, explanation)
        } else if before != after {
            let explanation =
                format!("La publicación con datos hasta {cutoff} da {after} en vez de {before}");
            (v1::CorrectionReason::SourceRevised, explanation)
        } else if report.observations.len() != last.report.observations.len() {
            let explanation = format!("La publicación con datos hasta {cutoff}, con edades");
            (v1::CorrectionReason::LateData, explanation)
        } else {
            continue;
        };
        vintages.push(Vintage { report, reason, explanation });
    }
    (!vintages.is_empty()).then_some(Series { member, vintages })
}

/// Whether a report is of a year that was not over.
fn is_partial(report: &v1::Report) -> bool {
    let provisional: i32 = v1::ObsStatus::P.into();
    report.observations.first().is_some_and(|total| total.status == provisional)
}

/// The total that a report states.
pub(super) fn total_of(report: &v1::Report) -> &str {
    report
        .observations
        .first()
        .and_then(|total| total.value.as_ref())
        .map_or("", |value| &value.text)
}

/// Ages and victims by publication and year.
type Ages = BTreeMap<(String, String), Vec<(String, String)>>;

fn read_ages() -> Result<Ages, csv::Error> {
    let mut ages = Ages::new();
    for row in read_rows::<AgeRow>(BY_AGE)? {
        ages.entry((row.cutoff, row.year)).or_default().push((row.age, row.victims));
    }
    Ok(ages)
}

fn read_rows<T: for<'de> Deserialize<'de>>(text: &str) -> Result<Vec<T>, csv::Error> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect()
}

/// Rows by a key, in the order in which they stand.
fn group<T>(rows: Vec<T>, key: impl Fn(&T) -> String) -> BTreeMap<String, Vec<T>> {
    let mut groups: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

/// The source of the femicide figures.
pub(super) fn sesnsp() -> v1::Source {
    published(SESNSP)
}

pub(super) fn decimal(text: &str) -> v1::Decimal {
    v1::Decimal { text: text.to_owned() }
}

pub(super) fn period(text: &str) -> v1::Period {
    v1::Period { text: text.to_owned() }
}

pub(super) fn published(citation: &str) -> v1::Source {
    source(v1::SourceKind::Published, citation)
}

pub(super) fn secondary(citation: &str) -> v1::Source {
    source(v1::SourceKind::Secondary, citation)
}

fn source(kind: v1::SourceKind, citation: &str) -> v1::Source {
    v1::Source { kind: kind.into(), citation: citation.to_owned(), ..v1::Source::default() }
}
