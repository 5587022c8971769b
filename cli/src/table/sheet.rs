// SPDX-License-Identifier: Apache-2.0 OR MIT
//! Reads a CSV table: one row per observation, headings in Spanish or English.
//!
//! The separator is a comma, a semicolon (as spreadsheets write in many countries) or a tab:
//! whichever the header has most of. Lines are counted as a spreadsheet numbers its rows.

use std::collections::BTreeMap;
use std::path::Path;

use constancia_ledger::event::{Language, Plan};

use super::{Breakdown, Cells, Place, Written, Wrongs, build_reports};
use crate::failure::Failure;
use crate::files::read_text;
use crate::nearest::fold;
use crate::words::{Lang, sheets};

/// Bytes of a table: 10,000 rows of 400 bytes each fit many times.
const SHEET_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    /// A field.
    Field(&'static str),
    /// Codes of a concept.
    Concept(String),
    /// What decides membership in a concept's codes.
    Criterion(String),
}

impl Column {
    fn name(&self) -> String {
        match self {
            Self::Field(name) => (*name).to_owned(),
            Self::Concept(concept) => concept.clone(),
            Self::Criterion(concept) => format!("{concept}.criterion"),
        }
    }
}

/// The reports that a table's rows make.
///
/// # Errors
/// Where the file cannot be read, and with everything that is wrong in it.
pub(crate) fn read_reports(lang: Lang, path: &Path, plan: &Plan) -> Result<Vec<Written>, Failure> {
    let text = read_text(path, SHEET_BYTES_MAX)?;
    let file = path.display().to_string();
    let mut wrongs = Wrongs::new(lang);
    let rows = parse_rows(&mut wrongs, &file, &text, plan);
    Ok(build_reports(wrongs, &file, &rows, plan)?)
}

/// The rows that have the header's shape.
fn parse_rows(wrongs: &mut Wrongs, file: &str, text: &str, plan: &Plan) -> Vec<Cells> {
    let lang = wrongs.lang;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(find_separator(text))
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let header = match records.next() {
        Some(Ok(header)) => header,
        Some(Err(_)) | None => csv::StringRecord::new(),
    };
    let headings: Vec<String> = header.iter().map(ToOwned::to_owned).collect();
    let columns = read_header(wrongs, file, &headings, plan);
    let mut rows = Vec::new();
    for record in records {
        match record {
            Ok(record) if record.iter().all(str::is_empty) => {}
            Ok(record) => {
                let row = record.position().map_or(0, csv::Position::line);
                let place = Place::Row {
                    file: file.to_owned(),
                    row,
                    headings: name_headings(&columns, &headings),
                };
                if record.len() == headings.len() {
                    rows.push(read_row(place, &columns, &record));
                } else {
                    let message = sheets::row_width(lang, &headings.len(), &record.len());
                    wrongs.add(&place, "", &message);
                }
            }
            Err(error) => {
                let row = error.position().map_or(0, csv::Position::line);
                let place = Place::Row { file: file.to_owned(), row, headings: BTreeMap::new() };
                wrongs.add(&place, "", &sheets::unreadable_row(lang, &error));
            }
        }
    }
    if rows.is_empty() {
        let place = Place::Row { file: file.to_owned(), row: 1, headings: BTreeMap::new() };
        wrongs.add(&place, "", &sheets::no_rows(lang, &file));
    }
    rows
}

/// Whichever of comma, semicolon and tab the first line has most of.
fn find_separator(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    let comma = (count(b','), b',');
    [(count(b';'), b';'), (count(b'\t'), b'\t')]
        .into_iter()
        .fold(comma, |most, other| if other.0 > most.0 { other } else { most })
        .1
}

/// What each column holds; a wrong one holds nothing.
fn read_header(
    wrongs: &mut Wrongs,
    file: &str,
    headings: &[String],
    plan: &Plan,
) -> Vec<Option<Column>> {
    let lang = wrongs.lang;
    let own = headings.iter().map(|heading| (heading.clone(), heading.clone())).collect();
    let place = Place::Row { file: file.to_owned(), row: 1, headings: own };
    let mut columns: Vec<Option<Column>> = Vec::new();
    for heading in headings {
        let column = find_column(heading, plan);
        if column.is_none() {
            wrongs.add(&place, heading, &sheets::unknown_column(lang, &known_headings(lang, plan)));
        }
        let twice = columns.iter().position(|known| known.is_some() && *known == column);
        if let Some(first) = twice.and_then(|index| headings.get(index)) {
            wrongs.add(&place, heading, &sheets::column_twice(lang, first));
        }
        columns.push(column);
    }
    for needed in ["indicator", "period"] {
        let found = columns.contains(&Some(Column::Field(needed)));
        let row = sheets::COLUMNS.iter().find(|row| row.0 == needed);
        if let (false, Some((_, es, en))) = (found, row) {
            wrongs.add(&place, "", &sheets::column_missing(lang, es, en));
        }
    }
    columns
}

/// The column that a heading names, in either language.
fn find_column(heading: &str, plan: &Plan) -> Option<Column> {
    let wanted = fold(heading);
    let field = sheets::COLUMNS
        .iter()
        .find(|(name, es, en)| [*name, *es, *en].contains(&wanted.as_str()))
        .map(|row| row.0)
        .or_else(|| sheets::COLUMN_NAMES.iter().find(|row| row.0 == wanted).map(|row| row.1));
    if let Some(field) = field {
        return Some(Column::Field(field));
    }
    for suffix in [".criterion", ".criterio"] {
        if let Some(concept) = wanted.strip_suffix(suffix) {
            return find_concept(concept, plan).map(Column::Criterion);
        }
    }
    find_concept(&wanted, plan).map(Column::Concept)
}

/// The concept of the plan that a folded name means: its id, its name in the plan, or the
/// catalogue's word for it.
pub(crate) fn find_concept(wanted: &str, plan: &Plan) -> Option<String> {
    let named = |list: &&constancia_ledger::event::plan::CodeList| {
        let concept = list.concept.as_str();
        let own = [Language::Es, Language::En]
            .into_iter()
            .filter_map(|language| list.name.as_ref()?.wording(language));
        let common = sheets::CONCEPTS
            .iter()
            .filter(|row| row.0 == concept)
            .flat_map(|(_, es, en)| [*es, *en]);
        own.chain(common).chain([concept]).any(|name| fold(name) == wanted)
    };
    plan.code_lists.iter().find(named).map(|list| list.concept.to_string())
}

fn known_headings(lang: Lang, plan: &Plan) -> String {
    let fields = sheets::COLUMNS.iter().map(|row| lang.pick(row.1, row.2).to_owned());
    let concepts = plan.code_lists.iter().map(|list| list.concept.to_string());
    fields.chain(concepts).collect::<Vec<_>>().join(", ")
}

fn name_headings(columns: &[Option<Column>], headings: &[String]) -> BTreeMap<String, String> {
    columns
        .iter()
        .zip(headings)
        .filter_map(|(column, heading)| Some((column.as_ref()?.name(), heading.clone())))
        .collect()
}

fn read_row(place: Place, columns: &[Option<Column>], record: &csv::StringRecord) -> Cells {
    let mut texts = BTreeMap::new();
    let mut codes: BTreeMap<String, Breakdown> = BTreeMap::new();
    for (column, cell) in columns.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
        match column {
            Some(Column::Field(name)) => {
                texts.insert((*name).to_owned(), cell.to_owned());
            }
            Some(Column::Concept(concept)) => {
                cell.clone_into(&mut breakdown(&mut codes, concept).code);
            }
            Some(Column::Criterion(concept)) => {
                cell.clone_into(&mut breakdown(&mut codes, concept).criterion);
            }
            None => {}
        }
    }
    let by = codes.into_values().filter(|by| !by.code.is_empty()).collect();
    Cells { place, texts, by }
}

fn breakdown<'a>(codes: &'a mut BTreeMap<String, Breakdown>, concept: &str) -> &'a mut Breakdown {
    codes.entry(concept.to_owned()).or_insert_with(|| Breakdown {
        concept: concept.to_owned(),
        code: String::new(),
        criterion: String::new(),
    })
}
