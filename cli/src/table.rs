// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Observations as people write them, in the rows of a table or as options of the command line,
//! become reports; everything that is wrong is found first, each with its place and what would be
//! right. Nothing here signs.

pub(crate) mod checks;
pub(crate) mod options;
pub(crate) mod sheet;

use std::collections::BTreeMap;
use std::str::FromStr;

use constancia_ledger::event::source::SourceKind;
use constancia_ledger::event::{Decimal, EventError, ObsStatus, PartialDate, Period, Plan, Report};
use constancia_ledger::fault::Fault;
use constancia_proto::v1;

use crate::failure::Explain;
use crate::words::choices::{choice_of, choices};
use crate::words::rules::broken_rule;
use crate::words::{Lang, look_up, sheets};

/// Where somebody wrote something.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A row of a file.
    Row {
        /// The file as it was named.
        file: String,
        /// Its line, counted from 1 with the header.
        row: u64,
        /// Column to heading as it is written.
        headings: BTreeMap<String, String>,
    },
    /// The command line.
    Options,
}

impl Place {
    /// Where exactly: a cell or an option.
    fn of(&self, lang: Lang, column: &str) -> String {
        match self {
            Self::Row { file, row, headings } => match headings.get(column) {
                Some(heading) => sheets::at_cell(lang, file, row, heading),
                None => sheets::at_row(lang, file, row),
            },
            Self::Options => {
                let option = match column {
                    "source_url" => "--source-url".to_owned(),
                    "observation_period" => "--observation-period".to_owned(),
                    column if look_up(sheets::COLUMNS, lang, column).is_some() => {
                        format!("--{}", column.replace('_', "-"))
                    }
                    _ => "--by".to_owned(),
                };
                sheets::at_option(lang, &option)
            }
        }
    }

    /// Whether the table has no such column: that is said once, of its header.
    pub(crate) fn lacks(&self, column: &str) -> bool {
        match self {
            Self::Row { headings, .. } => !headings.contains_key(column),
            Self::Options => false,
        }
    }

    const fn row(&self) -> Option<u64> {
        match self {
            Self::Row { row, .. } => Some(*row),
            Self::Options => None,
        }
    }
}

/// A coordinate as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Breakdown {
    pub(crate) concept: String,
    pub(crate) code: String,
    pub(crate) criterion: String,
}

/// One observation as it was written: trimmed texts by column, none of them empty.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    pub(crate) place: Place,
    pub(crate) texts: BTreeMap<String, String>,
    pub(crate) by: Vec<Breakdown>,
}

impl Cells {
    pub(crate) fn text(&self, column: &str) -> &str {
        self.texts.get(column).map_or("", String::as_str)
    }
}

/// A report that keeps the rules, and whether it is an exercise.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// As the schema has it.
    pub(crate) report: v1::Report,
    /// Empty: it is in earnest.
    pub(crate) exercise: String,
}

/// Everything that is wrong with what was written.
#[derive(Debug)]
pub(crate) struct TableError {
    source: String,
    is_file: bool,
    lines: Vec<String>,
}

/// Characters of one error: a whole file may stand in one cell, where a quote is not closed.
const LINE_CHARS_MAX: usize = 2_000;

/// How many errors are shown: the first ones usually explain the others.
const SHOWN_MAX: usize = 50;

impl Explain for TableError {
    fn code(&self) -> &'static str {
        "table.invalid"
    }

    fn fault(&self) -> Fault {
        Fault::Malformed
    }

    fn message(&self, lang: Lang) -> String {
        match self.lines.len() {
            1 => sheets::sheet_invalid_one(lang, &self.source),
            count => sheets::sheet_invalid(lang, &self.source, &count),
        }
    }

    fn details(&self, lang: Lang) -> Vec<String> {
        let mut lines: Vec<String> = self.lines.iter().take(SHOWN_MAX).cloned().collect();
        let more = self.lines.len().saturating_sub(SHOWN_MAX);
        if more > 0 {
            lines.push(sheets::more_errors(lang, &more));
        }
        lines
    }

    fn hint(&self, lang: Lang) -> Option<String> {
        self.is_file.then(|| sheets::sheet_hint(lang))
    }
}

/// Collects what is wrong.
#[derive(Debug)]
pub(crate) struct Wrongs {
    pub(crate) lang: Lang,
    is_file: bool,
    /// By row.
    lines: Vec<(Option<u64>, String)>,
}

impl Wrongs {
    pub(crate) const fn new(lang: Lang) -> Self {
        Self { lang, is_file: false, lines: Vec::new() }
    }

    pub(crate) fn add(&mut self, place: &Place, column: &str, message: &str) {
        self.is_file = self.is_file || place.row().is_some();
        let mut line = format!("{}: {message}", place.of(self.lang, column));
        if let Some((end, _)) = line.char_indices().nth(LINE_CHARS_MAX) {
            line.truncate(end);
            line.push('…');
        }
        self.lines.push((place.row(), line));
    }

    /// Nothing is wrong, or everything that is.
    pub(crate) fn finish<T>(mut self, source: &str, right: T) -> Result<T, TableError> {
        self.lines.sort_by_key(|line| line.0);
        if self.lines.is_empty() {
            Ok(right)
        } else {
            let source = source.to_owned();
            let lines = self.lines.into_iter().map(|line| line.1).collect();
            Err(TableError { source, is_file: self.is_file, lines })
        }
    }
}

/// The reports that the rows make: one per indicator and period, in the order of their first rows.
///
/// # Errors
/// [`TableError`] with everything that is wrong.
pub(crate) fn build_reports(
    mut wrongs: Wrongs,
    source: &str,
    rows: &[Cells],
    plan: &Plan,
) -> Result<Vec<Written>, TableError> {
    let mut groups: Vec<(&str, &str, Vec<&Cells>)> = Vec::new();
    for row in rows {
        let (indicator, period) = (row.text("indicator"), row.text("period"));
        let known = groups.iter_mut().find(|group| (group.0, group.1) == (indicator, period));
        match known {
            Some(group) => group.2.push(row),
            None => groups.push((indicator, period, vec![row])),
        }
    }
    let mut written = Vec::new();
    for (_, _, rows) in &groups {
        if let Some(report) = build_report(&mut wrongs, rows, plan) {
            written.push(report);
        }
    }
    wrongs.finish(source, written)
}

/// One report from its rows; none where something is wrong with it.
fn build_report(wrongs: &mut Wrongs, rows: &[&Cells], plan: &Plan) -> Option<Written> {
    let before = wrongs.lines.len();
    let first = rows.first()?;
    let indicator = checks::find_indicator(wrongs, first, plan);
    let period = required::<Period>(wrongs, first, "period");
    optional::<PartialDate>(wrongs, first, "cutoff");
    check_same(wrongs, rows);
    let mut observations = Vec::new();
    let mut places: BTreeMap<String, Option<u64>> = BTreeMap::new();
    for row in rows {
        let observation = build_observation(wrongs, row, period, plan);
        let key = observation.key.clone().unwrap_or_default();
        let place = checks::place_text(&key, first.text("period"));
        if let Some(earlier) = places.get(&place) {
            let earlier = earlier.map_or_else(String::new, |row| row.to_string());
            wrongs.add(&row.place, "", &sheets::row_twice(wrongs.lang, &place, &earlier));
        }
        places.insert(place, row.place.row());
        if let (Some(indicator), Some(rule)) = (indicator, &plan.suppression) {
            checks::check_threshold(wrongs, row, &observation, indicator, rule);
        }
        observations.push(observation);
    }
    if let Some(total) = checks::find_single_suppressed(&observations) {
        let message = sheets::single_suppressed(wrongs.lang, &total);
        wrongs.add(&first.place, "", &message);
    }
    let report = v1::Report {
        indicator: first.text("indicator").to_owned(),
        period: Some(v1::Period { text: first.text("period").to_owned() }),
        cutoff: date(first.text("cutoff")),
        observations,
        method: first.text("method").to_owned(),
        source: build_source(wrongs, first),
        unit: first.text("unit").to_owned(),
        comment: first.text("report_comment").to_owned(),
        ..v1::Report::default()
    };
    if wrongs.lines.len() > before {
        return None;
    }
    match Report::try_from(report.clone()) {
        Ok(_right) => Some(Written { report, exercise: first.text("exercise").to_owned() }),
        Err(error) => {
            let message = broken_rule(wrongs.lang, &error.rule);
            let (row, column) = locate(&error.path, rows);
            wrongs.add(&row.place, &column, &message);
            None
        }
    }
}

/// Where nothing was written.
static NO_CELLS: Cells = Cells { place: Place::Options, texts: BTreeMap::new(), by: Vec::new() };

/// The row and column that a path of the schema comes from: `observations[3].value`.
fn locate<'a>(path: &str, rows: &[&'a Cells]) -> (&'a Cells, String) {
    let index = path
        .strip_prefix("observations[")
        .and_then(|rest| rest.split(']').next())
        .and_then(|index| index.parse::<usize>().ok())
        .unwrap_or_default();
    let row = rows.get(index).or_else(|| rows.first()).copied();
    let column = match path.rsplit('.').next().unwrap_or_default() {
        "citation" => "source",
        "url" => "source_url",
        "published_on" => "source_published_on",
        "period" if path.contains(".key.") => "observation_period",
        "comment" if !path.starts_with("observations") => "report_comment",
        other => other,
    };
    (row.unwrap_or(&NO_CELLS), column.to_owned())
}

/// Columns that speak of the whole report.
const REPORT_COLUMNS: &[&str] = &[
    "cutoff",
    "method",
    "source",
    "source_kind",
    "source_url",
    "source_published_on",
    "unit",
    "report_comment",
    "exercise",
];

/// What speaks of the whole report is the same in all its rows; an empty cell says nothing.
fn check_same(wrongs: &mut Wrongs, rows: &[&Cells]) {
    let Some((first, others)) = rows.split_first() else {
        return;
    };
    for column in REPORT_COLUMNS {
        for row in others {
            let (expected, found) = (first.text(column), row.text(column));
            if !found.is_empty() && found != expected {
                let field = look_up(sheets::COLUMNS, wrongs.lang, column).unwrap_or(column);
                let message = sheets::row_differs(wrongs.lang, &field, &expected, &found);
                wrongs.add(&row.place, column, &message);
            }
        }
    }
}

fn build_observation(
    wrongs: &mut Wrongs,
    row: &Cells,
    period: Option<Period>,
    plan: &Plan,
) -> v1::Observation {
    for column in ["value", "numerator", "denominator"] {
        optional::<Decimal>(wrongs, row, column);
    }
    let own =
        optional::<Period>(wrongs, row, "observation_period").filter(|own| Some(*own) != period);
    let key = v1::ObservationKey {
        period: own.map(|own| v1::Period { text: own.to_string() }),
        dimensions: checks::build_dimensions(wrongs, row, plan),
    };
    let is_total = key.period.is_none() && key.dimensions.is_empty();
    v1::Observation {
        key: (!is_total).then_some(key),
        value: decimal(row.text("value")),
        numerator: decimal(row.text("numerator")),
        denominator: decimal(row.text("denominator")),
        status: read_status(wrongs, row).map_or(0, ObsStatus::number),
        comment: row.text("comment").to_owned(),
    }
}

/// The status, or the reason why the value is missing, which is a status too.
fn read_status(wrongs: &mut Wrongs, row: &Cells) -> Option<ObsStatus> {
    let lang = wrongs.lang;
    let (value, missing, status) = (row.text("value"), row.text("missing"), row.text("status"));
    if !missing.is_empty() {
        if !value.is_empty() {
            wrongs.add(&row.place, "missing", &sheets::value_and_missing(lang, &value));
        }
        let found = read_missing(missing);
        if found.is_none() {
            let words = missing_words();
            wrongs.add(&row.place, "missing", &sheets::not_a_missing(lang, &missing, &words));
        }
        return found;
    }
    let found = match status {
        "" => Some(ObsStatus::A),
        text => choice_of("ObsStatus", text).and_then(ObsStatus::from_text),
    };
    let Some(found) = found else {
        let words = choices(lang, "ObsStatus").join(", ");
        wrongs.add(&row.place, "status", &sheets::not_a_status(lang, &status, &words));
        return None;
    };
    if value.is_empty() && !found.is_missing() {
        wrongs.add(&row.place, "value", &sheets::value_or_missing(lang));
    }
    Some(found)
}

/// A reason why a value is missing: a status letter, or a word in either language.
fn read_missing(text: &str) -> Option<ObsStatus> {
    let wanted = crate::nearest::fold(text);
    let word = sheets::MISSING.iter().find(|(word, _)| *word == wanted).map(|(_, letter)| *letter);
    let letter = word.or_else(|| choice_of("ObsStatus", text))?;
    ObsStatus::from_text(letter).filter(|status| status.is_missing())
}

/// The reasons, for an error.
fn missing_words() -> String {
    let words: Vec<String> =
        sheets::MISSING.iter().map(|(word, letter)| format!("{word} ({letter})")).collect();
    words.join(", ")
}

fn build_source(wrongs: &mut Wrongs, row: &Cells) -> Option<v1::Source> {
    let (citation, url) = (row.text("source"), row.text("source_url"));
    let (kind, published) = (row.text("source_kind"), row.text("source_published_on"));
    if [citation, url, kind, published].iter().all(|text| text.is_empty()) {
        return None;
    }
    optional::<PartialDate>(wrongs, row, "source_published_on");
    let number = match kind {
        "" => v1::SourceKind::Published.into(),
        text => {
            let found = choice_of("SourceKind", text).and_then(SourceKind::from_text);
            if found.is_none() {
                let words = choices(wrongs.lang, "SourceKind").join(", ");
                let message = sheets::not_a_choice(wrongs.lang, &text, &words);
                wrongs.add(&row.place, "source_kind", &message);
            }
            found.map_or(0, SourceKind::number)
        }
    };
    Some(v1::Source {
        kind: number,
        citation: citation.to_owned(),
        url: url.to_owned(),
        published_on: date(published),
        accessed_on: None,
    })
}

/// A cell that must be there and be a `T`.
fn required<T>(wrongs: &mut Wrongs, row: &Cells, column: &str) -> Option<T>
where
    T: FromStr<Err = EventError>,
{
    if row.text(column).is_empty() {
        if !row.place.lacks(column) {
            wrongs.add(&row.place, column, &sheets::empty_cell(wrongs.lang));
        }
        return None;
    }
    optional(wrongs, row, column)
}

/// A cell that, where it is there, must be a `T`.
fn optional<T>(wrongs: &mut Wrongs, row: &Cells, column: &str) -> Option<T>
where
    T: FromStr<Err = EventError>,
{
    let text = row.text(column);
    if text.is_empty() {
        return None;
    }
    match text.parse() {
        Ok(parsed) => Some(parsed),
        Err(error) => {
            let message = broken_rule(wrongs.lang, &error.rule);
            wrongs.add(&row.place, column, &message);
            None
        }
    }
}

/// A decimal of the schema; none for an empty text.
pub(crate) fn decimal(text: &str) -> Option<v1::Decimal> {
    (!text.is_empty()).then(|| v1::Decimal { text: text.to_owned() })
}

/// A date of the schema; none for an empty text.
pub(crate) fn date(text: &str) -> Option<v1::Date> {
    (!text.is_empty()).then(|| v1::Date { text: text.to_owned() })
}
