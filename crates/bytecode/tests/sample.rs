//! One code object that CPython compiled (`sample.py`), its marshalled bytes (`sample.hex`) and its listing
//! (`sample.dis`): reading, writing back, tables, text form, and what damaged bytes do.

use std::rc::Rc;

use oriel_bytecode::positions::{self, Location, PositionWriter, Positions};
use oriel_bytecode::{CodeObject, Constant, display, exception_table, marshal, pyc};

fn bytes() -> Vec<u8> {
    let hex: Vec<u8> = include_str!("sample.hex").bytes().filter(u8::is_ascii_hexdigit).collect();
    hex.chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal digits"))
        .collect()
}

fn sample() -> Rc<CodeObject> {
    marshal::plain::load_code(&bytes()).expect("the sample is whole")
}

fn function(code: &CodeObject) -> Rc<CodeObject> {
    code.nested().next().expect("the sample defines a function").clone()
}

#[test]
fn writes_the_bytes_it_read() {
    assert_eq!(marshal::plain::dump_code(&sample()).expect("a code object can be written"), bytes());
}

#[test]
fn reads_the_parts() {
    let code = function(&sample());
    assert_eq!(code.qualname, "f");
    assert_eq!((code.argcount, code.posonlyargcount, code.kwonlyargcount), (2, 0, 1));
    assert_eq!(
        code.varnames().map(|name| name.to_string_lossy()).take(5).collect::<Vec<_>>(),
        ["a", "b", "d", "c", "e"]
    );
    assert_eq!(code.consts.first(), Some(&Constant::str("Doc.")));
}

#[test]
fn lists_like_dis() {
    let listing = display::disassemble_recursive(&sample(), display::Options { offsets: true, ..Default::default() });
    // The order of a set is a matter of hashing.
    let without_sets = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.contains("frozenset")).map(str::to_string).collect()
    };
    assert_eq!(without_sets(&listing), without_sets(include_str!("sample.dis")));
}

#[test]
fn location_and_exception_tables_survive() {
    let code = function(&sample());
    let mut writer = PositionWriter::new(code.firstlineno);
    for range in Positions::new(&code.linetable, code.firstlineno) {
        let location = Location::new(
            range.lineno.unwrap_or(-1),
            range.end_lineno.unwrap_or(-1),
            range.col_offset.unwrap_or(-1),
            range.end_col_offset.unwrap_or(-1),
        );
        writer.push(location, (range.end - range.start) / 2);
    }
    assert_eq!(writer.finish(), *code.linetable);
    let mut table = Vec::new();
    exception_table::entries(&code.exceptiontable).for_each(|entry| exception_table::push(&mut table, entry));
    assert_eq!(table, *code.exceptiontable);
    assert_eq!(positions::line_at(&code.linetable, code.firstlineno, 0), Some(1));
}

#[test]
fn long_locations_survive() {
    let locations = [
        Location::new(70_000, 70_003, 300, 2),
        Location::NONE,
        Location::line(5),
        Location::new(5, 5, 79, 94),
        Location::new(7, 7, 0, 127),
        Location::new(1, 1, 128, 500),
    ];
    let mut writer = PositionWriter::new(12);
    for (index, location) in locations.iter().enumerate() {
        writer.push(*location, index * 7 + 1);
    }
    let table = writer.finish();
    let mut read: Vec<(Location, usize)> = Vec::new();
    for range in Positions::new(&table, 12) {
        let location = Location::new(
            range.lineno.unwrap_or(-1),
            range.end_lineno.unwrap_or(-1),
            range.col_offset.unwrap_or(-1),
            range.end_col_offset.unwrap_or(-1),
        );
        let units = (range.end - range.start) / 2;
        match read.last_mut() {
            Some((last, size)) if *last == location => *size += units,
            _ => read.push((location, units)),
        }
    }
    let wanted: Vec<_> = locations.iter().enumerate().map(|(index, location)| (*location, index * 7 + 1)).collect();
    assert_eq!(read, wanted);
}

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// Everything that reads a code object must bear one that is nonsense.
fn use_everything(code: &CodeObject) {
    let _ = display::disassemble(code, display::Options::default());
    let _ = Positions::new(&code.linetable, code.firstlineno).count();
    let _ = positions::lines(&code.linetable, code.firstlineno).count();
    let _ = exception_table::entries(&code.exceptiontable).count();
    code.nested().for_each(|nested| use_everything(nested));
}

#[test]
fn damaged_bytes_are_errors() {
    let whole = bytes();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..20_000 {
        let mut damaged = whole.clone();
        for _ in 0..=random.below(4) {
            let at = random.below(damaged.len());
            damaged[at] = random.below(256) as u8;
        }
        damaged.truncate(damaged.len() - random.below(2) * random.below(damaged.len()));
        if let Ok(Constant::Code(code)) = marshal::plain::load_constant(&damaged) {
            use_everything(&code);
            let _ = marshal::plain::dump_code(&code);
        }
    }
}

#[test]
fn random_bytes_are_errors() {
    let mut random = Random(42);
    let tags = b"NFT.iIfgxylstr([{cu?<>:aA)zZ0";
    for _ in 0..20_000 {
        let length = random.below(40);
        let stream: Vec<u8> = (0..length)
            .map(|_| match random.below(3) {
                0 => tags[random.below(tags.len())] | (random.below(2) as u8) << 7,
                1 => random.below(4) as u8,
                _ => random.below(256) as u8,
            })
            .collect();
        let _ = marshal::plain::load_constant(&stream);
    }
}

#[test]
fn sizes_beyond_the_data_allocate_nothing() {
    for tag in *b"(>sualAtz" {
        assert!(marshal::plain::load_constant(&[tag, 0xff, 0xff, 0xff, 0x7f, b'N']).is_err());
    }
    // Two thousand levels are allowed, as in CPython; without optimization they take more than a test's two megabytes.
    let deep: Vec<u8> = [b')', 1].repeat(100_000);
    let load = move || marshal::plain::load_constant(&deep).err().map(|error| error.message);
    let loading = std::thread::Builder::new().stack_size(8 << 20).spawn(load).unwrap();
    assert_eq!(loading.join().unwrap(), Some("recursion limit exceeded"));
}

#[test]
fn pyc_headers() {
    assert_eq!(pyc::source_hash(b"hello world"), *b"Q\xdd\x87\xe7\xe4\xf8\x0cc");
    for validation in [
        pyc::Validation::Timestamp { mtime: 77, size: 5 },
        pyc::Validation::Hash { hash: *b"12345678", check_source: false },
        pyc::Validation::Hash { hash: *b"12345678", check_source: true },
    ] {
        assert_eq!(pyc::read_header(&pyc::write_header(validation)), Ok(validation));
    }
    assert_eq!(pyc::read_header(b"+\x0e\r\n\0\0"), Err(pyc::HeaderError::TooShort));
    assert_eq!(pyc::read_header(b"\0\0\r\n"), Err(pyc::HeaderError::BadMagic));
}
