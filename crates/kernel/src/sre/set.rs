//! Sets of characters: the code array's charsets, made into a table for the first 256 characters and a rule for others.

use super::InvalidCode;
use super::chars::{self, in_category};
use super::opcodes::{Category, op};

/// How a character is changed before it is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    None,
    Ascii,
    Locale,
    Unicode,
}

impl Fold {
    #[inline]
    pub(super) fn lower(self, c: u32) -> u32 {
        match self {
            Fold::None => c,
            Fold::Ascii => chars::lower_ascii(c),
            Fold::Locale => chars::lower_locale(c),
            Fold::Unicode => chars::lower_unicode(c),
        }
    }
}

/// A set of characters, its ignore-case variants included.
#[derive(Debug)]
pub(super) struct Set {
    /// Membership of the first 256 characters.
    pub(super) table: Box<[bool; 256]>,
    rule: Rule,
}

/// Membership of the characters from 256 on.
#[derive(Debug)]
enum Rule {
    Never,
    Always,
    Items(Fold, Box<[Item]>),
    /// The folded character equals this one, or differs from it (the flag).
    Folded(Fold, u32, bool),
}

/// One item of a charset.
#[derive(Debug)]
enum Item {
    Negate,
    Literal(u32),
    Range(u32, u32),
    RangeIgnore(u32, u32),
    Category(Category),
    Bits(Box<[u32]>),
    /// Block numbers by the character's upper byte, and the blocks' bits.
    Blocks(Box<[u8]>, Box<[u32]>),
}

impl Set {
    /// Reads a charset (without its closing FAILURE) whose extent is `code`.
    pub(super) fn from_code(code: &[u32], fold: Fold) -> Result<Set, InvalidCode> {
        let items = read_items(code)?;
        let mut table = Box::new([false; 256]);
        for (c, slot) in (0u32..).zip(table.iter_mut()) {
            *slot = member_folded(&items, fold, c);
        }
        // Only items that can tell characters from 256 on apart need be kept.
        let mut rule = None;
        if fold == Fold::None || fold == Fold::Locale {
            let speaks = |item: &Item| match *item {
                Item::Negate | Item::Bits(_) => false,
                Item::Literal(c) => c > 255,
                Item::Range(lo, hi) => hi > 255 && lo <= hi,
                Item::RangeIgnore(..) | Item::Blocks(..) => true,
                Item::Category(cat) => chars::category_varies_above(cat),
            };
            if !items.iter().any(speaks) {
                rule = Some(if member(&items, 256) { Rule::Always } else { Rule::Never });
            }
        }
        Ok(Set { table, rule: rule.unwrap_or_else(|| Rule::Items(fold, items.into())) })
    }

    /// The characters that fold to `c`, or, `negated`, those that do not.
    pub(super) fn folded(c: u32, fold: Fold, negated: bool) -> Set {
        let hit = |x: u32| (folds_to(fold, x, c)) != negated;
        let mut table = Box::new([false; 256]);
        for (x, slot) in (0u32..).zip(table.iter_mut()) {
            *slot = hit(x);
        }
        Set { table, rule: Rule::Folded(fold, c, negated) }
    }

    /// A category alone.
    pub(super) fn category(category: Category) -> Set {
        let mut table = Box::new([false; 256]);
        for (c, slot) in (0u32..).zip(table.iter_mut()) {
            *slot = in_category(category, c);
        }
        Set { table, rule: Rule::Items(Fold::None, Box::new([Item::Category(category)])) }
    }

    /// Whether a character from 256 on is a member.
    pub(super) fn has_high(&self, c: u32) -> bool {
        match &self.rule {
            Rule::Never => false,
            Rule::Always => true,
            Rule::Items(fold, items) => member_folded(items, *fold, c),
            Rule::Folded(fold, wanted, negated) => folds_to(*fold, c, *wanted) != *negated,
        }
    }

    /// Whether some character from 256 on may be a member.
    pub(super) fn may_have_high(&self) -> bool {
        !matches!(self.rule, Rule::Never)
    }
}

fn folds_to(fold: Fold, x: u32, wanted: u32) -> bool {
    match fold {
        Fold::Locale => x == wanted || chars::lower_locale(x) == wanted || chars::upper_locale(x) == wanted,
        _ => fold.lower(x) == wanted,
    }
}

fn member_folded(items: &[Item], fold: Fold, c: u32) -> bool {
    if fold == Fold::Locale {
        // A character is in a negated set if neither of its forms is in the set that is negated.
        let (lower, upper) = (chars::lower_locale(c), chars::upper_locale(c));
        let (negated, items) = match items {
            [Item::Negate, rest @ ..] => (true, rest),
            _ => (false, items),
        };
        return (member(items, lower) || (upper != lower && member(items, upper))) != negated;
    }
    member(items, fold.lower(c))
}

fn bit(bits: &[u32], index: usize) -> bool {
    bits.get(index / 32).is_some_and(|word| word >> (index % 32) & 1 == 1)
}

/// An item that matches decides at once; NEGATE turns the meaning of those after it.
fn member(items: &[Item], c: u32) -> bool {
    let mut found = true;
    for item in items {
        let hit = match item {
            Item::Negate => {
                found = !found;
                false
            }
            Item::Literal(l) => c == *l,
            Item::Range(lo, hi) => (*lo..=*hi).contains(&c),
            Item::RangeIgnore(lo, hi) => (*lo..=*hi).contains(&c) || (*lo..=*hi).contains(&chars::upper_unicode(c)),
            Item::Category(category) => in_category(*category, c),
            Item::Bits(bits) => c < 256 && bit(bits, c as usize),
            Item::Blocks(map, blocks) => {
                c < 0x10000 && bit(blocks, usize::from(map[(c >> 8) as usize]) * 256 + (c & 255) as usize)
            }
        };
        if hit {
            return found;
        }
    }
    !found
}

fn read_items(code: &[u32]) -> Result<Vec<Item>, InvalidCode> {
    let mut items = Vec::new();
    let mut rest = code;
    fn take<'a>(rest: &mut &'a [u32], n: usize) -> Result<&'a [u32], InvalidCode> {
        let (head, tail) = rest.split_at_checked(n).ok_or(InvalidCode)?;
        *rest = tail;
        Ok(head)
    }
    while !rest.is_empty() {
        let item = match take(&mut rest, 1)?[0] {
            op::NEGATE => Item::Negate,
            op::LITERAL => Item::Literal(take(&mut rest, 1)?[0]),
            op::RANGE => {
                let ends = take(&mut rest, 2)?;
                Item::Range(ends[0], ends[1])
            }
            op::RANGE_UNI_IGNORE => {
                let ends = take(&mut rest, 2)?;
                Item::RangeIgnore(ends[0], ends[1])
            }
            op::CATEGORY => Item::Category(Category::from_code(take(&mut rest, 1)?[0]).ok_or(InvalidCode)?),
            op::CHARSET => Item::Bits(take(&mut rest, 8)?.into()),
            op::BIGCHARSET => {
                let count = take(&mut rest, 1)?[0];
                let map: Vec<u8> = take(&mut rest, 64)?.iter().flat_map(|word| word.to_ne_bytes()).collect();
                if map.iter().any(|&block| u32::from(block) >= count) {
                    return Err(InvalidCode);
                }
                let words = usize::try_from(count).ok().and_then(|n| n.checked_mul(8)).ok_or(InvalidCode)?;
                Item::Blocks(map.into(), take(&mut rest, words)?.into())
            }
            _ => return Err(InvalidCode),
        };
        items.push(item);
    }
    Ok(items)
}

/// What may come next where a match could go on: characters, and the end of the subject. Always a superset of the truth.
#[derive(Debug, Clone)]
pub(super) struct First {
    pub(super) table: Box<[bool; 256]>,
    /// Some character from 256 on may come.
    pub(super) high: bool,
    /// The end of the subject may come.
    pub(super) end: bool,
}

impl First {
    pub(super) fn nothing() -> First {
        First { table: Box::new([false; 256]), high: false, end: false }
    }

    pub(super) fn anything() -> First {
        First { table: Box::new([true; 256]), high: true, end: true }
    }

    pub(super) fn one(c: u32) -> First {
        let mut first = First::nothing();
        match first.table.get_mut(c as usize) {
            Some(slot) => *slot = true,
            None => first.high = true,
        }
        first
    }

    pub(super) fn all_but(c: u32) -> First {
        let mut first = First { end: false, ..First::anything() };
        if let Some(slot) = first.table.get_mut(c as usize) {
            *slot = false;
        }
        first
    }

    pub(super) fn set(set: &Set) -> First {
        First { table: set.table.clone(), high: set.may_have_high(), end: false }
    }

    pub(super) fn is_anything(&self) -> bool {
        self.high && self.end && self.table.iter().all(|&x| x)
    }

    pub(super) fn add(&mut self, other: &First) {
        self.table.iter_mut().zip(other.table.iter()).for_each(|(a, b)| *a |= b);
        self.high |= other.high;
        self.end |= other.end;
    }

    pub(super) fn keep(&mut self, other: &First) {
        self.table.iter_mut().zip(other.table.iter()).for_each(|(a, b)| *a &= b);
        self.high &= other.high;
        self.end &= other.end;
    }

    /// Whether no character is in both.
    pub(super) fn is_disjoint(&self, other: &First) -> bool {
        let common = self.table.iter().zip(other.table.iter()).any(|(a, b)| *a && *b);
        !(common || self.high && other.high)
    }

    #[inline(always)]
    pub(super) fn may_start(&self, code: u32) -> bool {
        match self.table.get(code as usize) {
            Some(&known) => known,
            None => self.high,
        }
    }
}
