//! Chains of filters, described by a program as dicts.

use super::{failure, lzma_error, to_u32, to_u64};
use liblzma::stream::{Error, Filters, LzmaOptions, MatchFinder, Mode};
use oriel_runtime::types::dict::Dict;
use oriel_runtime::{PyResult, Raised, Value, Vm};

/// Numbers of filters.
pub const LZMA1: u64 = 0x4000_0000_0000_0001;
/// The filter of the xz format.
pub const LZMA2: u64 = 0x21;
/// Differences of bytes.
pub const DELTA: u64 = 3;
/// The most filters of a chain.
const MOST: usize = 4;

/// What is said about LZMA, with the defaults of its preset filled in.
#[derive(Clone, Copy)]
pub struct Lzma {
    pub preset: u32,
    pub dict_size: Option<u32>,
    pub lc: Option<u32>,
    pub lp: Option<u32>,
    pub pb: Option<u32>,
    pub mode: Option<u32>,
    pub nice_len: Option<u32>,
    pub mf: Option<u32>,
    pub depth: Option<u32>,
}

/// One filter.
pub enum Filter {
    /// LZMA1 or LZMA2.
    Lzma(u64, Lzma),
    /// Differences at a distance.
    Delta(u32),
    /// A filter for machine code, with the offset of its start.
    Code(u64, u32),
}

/// A chain of filters.
pub struct Chain {
    filters: Vec<Filter>,
    alone: Option<LzmaOptions>,
}

/// The options of a preset.
pub fn preset(vm: &Vm, preset: u32) -> PyResult<LzmaOptions> {
    LzmaOptions::new_preset(preset).map_err(|_| bad_preset(vm, preset))
}

#[cold]
fn bad_preset(vm: &Vm, preset: u32) -> Raised {
    lzma_error(vm, &format!("Invalid compression preset: {preset}"))
}

impl Lzma {
    /// The library's options.
    pub fn options(&self, vm: &Vm) -> PyResult<LzmaOptions> {
        let mut options = preset(vm, self.preset)?;
        let invalid = || failure(vm, Error::Options);
        if let Some(size) = self.dict_size {
            options.dict_size(size);
        }
        if let Some(bits) = self.lc {
            options.literal_context_bits(bits);
        }
        if let Some(bits) = self.lp {
            options.literal_position_bits(bits);
        }
        if let Some(bits) = self.pb {
            options.position_bits(bits);
        }
        if let Some(mode) = self.mode {
            options.mode(match mode {
                1 => Mode::Fast,
                2 => Mode::Normal,
                _ => return Err(invalid()),
            });
        }
        if let Some(length) = self.nice_len {
            options.nice_len(length);
        }
        if let Some(finder) = self.mf {
            options.match_finder(match finder {
                3 => MatchFinder::HashChain3,
                4 => MatchFinder::HashChain4,
                0x12 => MatchFinder::BinaryTree2,
                0x13 => MatchFinder::BinaryTree3,
                0x14 => MatchFinder::BinaryTree4,
                _ => return Err(invalid()),
            });
        }
        if let Some(depth) = self.depth {
            options.depth(depth);
        }
        Ok(options)
    }

    /// Sizes that the preset or the program gives: of the dictionary, and `lc`, `lp`, `pb`.
    pub fn sizes(&self) -> [u32; 4] {
        const SIZES: [u32; 10] = [18, 20, 21, 22, 22, 23, 23, 24, 25, 26];
        let size = 1 << SIZES.get((self.preset & 31) as usize).copied().unwrap_or(23);
        [self.dict_size.unwrap_or(size), self.lc.unwrap_or(3), self.lp.unwrap_or(0), self.pb.unwrap_or(2)]
    }
}

impl Chain {
    /// The options of a chain that is one LZMA1 filter.
    pub fn alone(&self) -> Option<&LzmaOptions> {
        self.alone.as_ref()
    }

    /// The library's chain.
    pub fn build(&self, vm: &Vm) -> PyResult<Filters> {
        let mut chain = Filters::new();
        if self.filters.is_empty() {
            return Err(failure(vm, Error::Program));
        }
        for filter in &self.filters {
            match filter {
                Filter::Lzma(LZMA1, lzma) => {
                    chain.lzma1(&lzma.options(vm)?);
                }
                Filter::Lzma(_, lzma) => {
                    chain.lzma2(&lzma.options(vm)?);
                }
                Filter::Delta(distance) => {
                    let Ok(distance) = u8::try_from(distance.wrapping_sub(1)) else {
                        return Err(failure(vm, Error::Options));
                    };
                    chain.delta_properties(&[distance]).map_err(|error| failure(vm, error))?;
                }
                Filter::Code(id, offset) => {
                    let bytes = offset.to_le_bytes();
                    let properties: &[u8] = if *offset == 0 { &[] } else { &bytes };
                    let added = match id {
                        4 => chain.x86_properties(properties),
                        5 => chain.powerpc_properties(properties),
                        6 => chain.ia64_properties(properties),
                        7 => chain.arm_properties(properties),
                        8 => chain.arm_thumb_properties(properties),
                        _ => chain.sparc_properties(properties),
                    };
                    added.map_err(|error| failure(vm, error))?;
                }
            }
        }
        Ok(chain)
    }
}

/// Reads a chain.
pub fn parse(vm: &Vm, chain: &Value) -> PyResult<Chain> {
    if chain.downcast::<Dict>().is_some() {
        return Err(vm.type_error(format!("{} is not a sequence", vm.type_name(chain))));
    }
    let count = vm.len(chain)?;
    if count > MOST {
        return Err(vm.value_error(format!("Too many filters - liblzma supports a maximum of {MOST}")));
    }
    let mut filters = Vec::with_capacity(count);
    for index in 0..count {
        filters.push(parse_one(vm, &vm.get_item(chain, &Value::small(index as i32))?)?);
    }
    let alone = match &filters[..] {
        [Filter::Lzma(LZMA1, lzma)] => Some(lzma.options(vm)?),
        _ => None,
    };
    Ok(Chain { filters, alone })
}

/// Reads one filter.
pub fn parse_one(vm: &Vm, description: &Value) -> PyResult<Filter> {
    if description.downcast::<Dict>().is_none() && vm.type_of(description).slots.mp_subscript.get().is_none() {
        return Err(vm.type_error("Filter specifier must be a dict or dict-like object"));
    }
    let id = match vm.get_item(description, &vm.intern("id")) {
        Ok(id) => id,
        Err(raised) if vm.raised_is(&raised, &vm.types.key_error) => {
            return Err(vm.value_error("Filter specifier must have an \"id\" entry"));
        }
        Err(raised) => return Err(raised),
    };
    match to_u64(vm, &id)? {
        id @ (LZMA1 | LZMA2) => {
            let preset = vm.catch(vm.get_item(description, &vm.intern("preset")), &vm.types.key_error)?;
            let level = preset.map_or(Ok(super::PRESET_DEFAULT), |preset| to_u32(vm, &preset))?;
            if LzmaOptions::new_preset(level).is_err() {
                return Err(bad_preset(vm, level));
            }
            let names = ["dict_size", "lc", "lp", "pb", "mode", "nice_len", "mf", "depth"];
            let known = ["id", "preset"];
            let invalid = "Invalid filter specifier for LZMA filter";
            let [dict_size, lc, lp, pb, mode, nice_len, mf, depth] = options(vm, description, names, &known, invalid)?;
            let lzma = Lzma { preset: level, dict_size, lc, lp, pb, mode, nice_len, mf, depth };
            Ok(Filter::Lzma(id, lzma))
        }
        DELTA => {
            let invalid = "Invalid filter specifier for delta filter";
            let [distance] = options(vm, description, ["dist"], &["id"], invalid)?;
            Ok(Filter::Delta(distance.unwrap_or(1)))
        }
        id @ 4..=9 => {
            let invalid = "Invalid filter specifier for BCJ filter";
            let [offset] = options(vm, description, ["start_offset"], &["id"], invalid)?;
            Ok(Filter::Code(id, offset.unwrap_or(0)))
        }
        id => Err(vm.value_error(format!("Invalid filter ID: {id}"))),
    }
}

/// The numbers of a description; whatever is wrong with them is one ValueError.
fn options<const N: usize>(
    vm: &Vm,
    description: &Value,
    names: [&str; N],
    known: &[&str],
    invalid: &str,
) -> PyResult<[Option<u32>; N]> {
    let mut found = [None; N];
    let Some(dict) = description.downcast::<Dict>() else { return Err(vm.value_error(invalid)) };
    for (name, value) in dict.entries() {
        let name = vm.str_text(&name);
        match names.iter().position(|known| *known == name) {
            Some(place) => found[place] = Some(to_u32(vm, &value).map_err(|_| vm.value_error(invalid))?),
            None if known.contains(&name.as_str()) => {}
            None => return Err(vm.value_error(invalid)),
        }
    }
    Ok(found)
}
