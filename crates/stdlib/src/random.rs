//! `_random`: the Mersenne Twister.

use dashu_int::{IBig, UBig};
use oriel_kernel::random::MersenneTwister;
use oriel_runtime::types::int::{Num, num_of};
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{Body, Layout, MethodDef, ModuleSpec, PyResult, Ref, TypeSpec, Value, Vm, type_flags};
use std::cell::RefCell;

/// A generator.
struct Random {
    twister: RefCell<Box<MersenneTwister>>,
}

static LAYOUT: Layout = Layout::of::<Random>("_random.Random", None);

impl Body for Random {
    fn layout() -> &'static Layout {
        &LAYOUT
    }
}

/// `_random`
pub static SPEC: ModuleSpec = ModuleSpec {
    name: "_random",
    doc: "The Mersenne Twister random number generator.",
    functions: &[],
    exec: |vm, module| vm.module_type(module, &RANDOM).map(|_| ()),
};

static RANDOM: TypeSpec = TypeSpec {
    flags: type_flags::BASE,
    doc: "A random number generator.",
    slots: |slots| {
        slots.new.set(Some(|vm, class, _| {
            let twister = RefCell::new(Box::new(MersenneTwister::from_key(&[])));
            Ok(vm.new_instance(class, Random { twister })?.into_value())
        }));
        slots.init.set(Some(|vm, this, args| {
            args.no_keywords(vm, "Random")?;
            oriel_runtime::args::check_count(vm, "Random", args.values.len(), 0, 1)?;
            reseed(vm, this, args.values.first())
        }));
    },
    methods: &[
        MethodDef::noargs(
            "random",
            |vm, this| {
                let number = own(vm, this)?.twister.borrow_mut().random();
                Ok(vm.new_float(number))
            },
            "($self, /)",
            "A random float in [0, 1).",
        ),
        MethodDef::positional(
            "seed",
            0,
            1,
            |vm, this, args| {
                reseed(vm, this, args.first())?;
                Ok(Value::NONE)
            },
            "($self, n=None, /)",
            "Starts anew from a number, or from the system's randomness.",
        ),
        MethodDef::noargs("getstate", get_state, "($self, /)", "The generator's state."),
        MethodDef::one("setstate", set_state, "($self, state, /)", "Sets the generator's state."),
        MethodDef::one("getrandbits", random_bits, "($self, k, /)", "An int of so many random bits."),
    ],
    ..TypeSpec::new("_random.Random", Random::layout)
};

fn own<'a>(vm: &Vm, this: &'a Value) -> PyResult<&'a Ref<Random>> {
    this.downcast().ok_or_else(|| vm.type_error("a random number generator is needed"))
}

fn reseed(vm: &Vm, this: &Value, seed: Option<&Value>) -> PyResult<()> {
    let key = match seed {
        Some(seed) if !seed.is_none() => {
            let number = if vm.small_or_big(seed).is_some() { vm.absolute(seed)? } else { vm.new_int(vm.hash(seed)?) };
            match num_of(&number) {
                Some(number) => words(number),
                None => Vec::new(),
            }
        }
        _ => system_key(),
    };
    **own(vm, this)?.twister.borrow_mut() = MersenneTwister::from_key(&key);
    Ok(())
}

/// A key from the system's randomness.
fn system_key() -> Vec<u32> {
    use std::collections::hash_map::RandomState;
    use std::hash::{BuildHasher, Hasher};
    use std::io::Read;
    let mut bytes = [0u8; 624 * 4];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    if read.is_err() {
        // Without the device, the randomness that hash tables are seeded with.
        for chunk in bytes.chunks_exact_mut(8) {
            chunk.copy_from_slice(&RandomState::new().build_hasher().finish().to_ne_bytes());
        }
    }
    bytes.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect()
}

/// The magnitude's 32-bit words, least significant first, without leading zeros.
fn words(number: Num<'_>) -> Vec<u32> {
    let big = number.big();
    let (_, wide) = big.as_sign_words();
    let mut words: Vec<u32> = wide.iter().flat_map(|&word| [word as u32, (word >> 32) as u32]).collect();
    while words.last() == Some(&0) {
        words.pop();
    }
    words
}

fn get_state(vm: &Vm, this: &Value) -> PyResult {
    let (words, index) = {
        let twister = own(vm, this)?.twister.borrow();
        let (words, index) = twister.state();
        (words.to_vec(), index)
    };
    let values: Vec<Value> = words.into_iter().map(i64::from).chain([index as i64]).map(|n| vm.new_int(n)).collect();
    Ok(vm.new_tuple(&values))
}

fn set_state(vm: &Vm, this: &Value, state: &Value) -> PyResult {
    let Some(state) = state.downcast::<Tuple>() else { return Err(vm.type_error("state vector must be a tuple")) };
    let items = state.items();
    if items.len() != 625 {
        return Err(vm.value_error("state vector is the wrong size"));
    }
    let mut words = [0u32; 624];
    for (word, item) in words.iter_mut().zip(items) {
        match num_of(item) {
            None => return Err(vm.type_error(format!("an integer is required (got type {})", vm.type_name(item)))),
            Some(number) if number.is_negative() => {
                return Err(vm.overflow_error("can't convert negative value to unsigned int"));
            }
            Some(number) => match number.small() {
                Some(number) => *word = number as u32,
                None => return Err(vm.overflow_error("Python int too large to convert to C unsigned long")),
            },
        }
    }
    let index = usize::try_from(vm.to_isize(&items[624])?).ok();
    let twister = index.and_then(|index| MersenneTwister::from_state(words, index));
    let Some(twister) = twister else { return Err(vm.value_error("invalid state")) };
    **own(vm, this)?.twister.borrow_mut() = twister;
    Ok(Value::NONE)
}

fn random_bits(vm: &Vm, this: &Value, count: &Value) -> PyResult {
    let index = vm.index(count)?;
    let count = match num_of(&index) {
        Some(number) if number.is_negative() => {
            return Err(vm.value_error("Cannot convert negative int"));
        }
        Some(number) => number.small().and_then(|count| usize::try_from(count).ok()),
        None => None,
    };
    let Some(count) = count else {
        return Err(vm.overflow_error("Python int too large for C uint64_t"));
    };
    let this = own(vm, this)?;
    if count <= 64 {
        let bits = this.twister.borrow_mut().bits(count as u32);
        return Ok(vm.new_uint(bits));
    }
    let mut words = Vec::new();
    if words.try_reserve_exact(count.div_ceil(32)).is_err() {
        return Err(vm.memory_error());
    }
    this.twister.borrow_mut().fill_bits(count, &mut words);
    let wide: Vec<u64> =
        words.chunks(2).map(|pair| u64::from(pair[0]) | pair.get(1).map_or(0, |&high| u64::from(high) << 32)).collect();
    Ok(vm.new_big_int(IBig::from(UBig::from_words(&wide))))
}
