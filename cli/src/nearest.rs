// SPDX-License-Identifier: Apache-2.0 OR MIT
//! The names nearest to one that does not exist: a slip of the finger gets its answer.

/// How many names an error offers.
const OFFERED: usize = 3;

/// Up to three of `names` that are near `found`, nearest first.
pub(crate) fn nearest<'a>(found: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = fold(found);
    let limit = wanted.chars().count().div_ceil(2).max(1);
    let mut near: Vec<(usize, &str)> = names
        .map(|name| (distance(&wanted, &fold(name)), name))
        .filter(|near| near.0 <= limit)
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, name)| name).take(OFFERED).collect()
}

/// Lower case, without the accents of Spanish: how headings and names are compared.
pub(crate) fn fold(text: &str) -> String {
    text.trim()
        .chars()
        .flat_map(char::to_lowercase)
        .map(|letter| match letter {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            'ñ' => 'n',
            ' ' | '-' => '_',
            other => other,
        })
        .collect()
}

/// Levenshtein distance over characters.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, letter) in one.chars().enumerate() {
        let mut diagonal = above;
        let mut left = above.saturating_add(1);
        let mut next = vec![left];
        for (up, candidate) in row.iter().skip(1).zip(&other) {
            let change = diagonal.saturating_add(usize::from(letter != *candidate));
            left = change.min(left.saturating_add(1)).min(up.saturating_add(1));
            next.push(left);
            diagonal = *up;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name() {
        let names = ["C-01", "I-01", "I-02", "P-01"];
        assert_eq!(nearest("c01", names.into_iter()).first(), Some(&"C-01"));
        assert!(nearest("something else entirely", names.into_iter()).is_empty());
    }

    #[test]
    fn headings_are_compared_without_accents_and_case() {
        assert_eq!(fold(" Año-Fiscal "), "ano_fiscal");
    }

    #[test]
    fn the_distance_counts_changes() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }
}
