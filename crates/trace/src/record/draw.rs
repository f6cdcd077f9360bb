//! Memory drawn: objects word by word, tables, what a name reaches, and what is alive.

use super::describe::{describe, text, value};
use super::recorder::RunRecorder;
use crate::event::{Data, FrameMemory, Graph, ObjectMemory, PageMemory, Val, Word};
use oriel_heap::Block;
use oriel_runtime::frame::FrameRef;
use oriel_runtime::observer::{locals_of, stack_of};
use oriel_runtime::types::cell::CellBody;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::list::List;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{Ref, Value, Vm};
use std::collections::{HashMap, HashSet, VecDeque};
use std::os::unix::fs::FileExt;

/// Objects of a graph at most.
const GRAPH_NODES: usize = 400;
/// Rows of a table at most.
const TABLE_ROWS: usize = 256;

/// The ranges of addresses in which the interpreter's objects lie.
pub fn arenas(vm: &Vm) -> Vec<(u64, u64)> {
    vm.heap.arenas().iter().map(|(start, size)| (*start as u64, *size as u64)).collect()
}

/// What is drawn when the script has run: the names that were asked for, else those of `__main__` that the script bound.
pub fn at_exit(vm: &Vm, recorder: &RunRecorder) {
    let selection = recorder.selection();
    if !selection.draw || (selection.at.is_some() && recorder.was_drawn()) {
        return;
    }
    let Ok(namespace) = vm.main_namespace() else { return };
    if let Some((line, _)) = selection.at {
        let text = format!("--at {line}: the line was not reached so often; memory is drawn at the end of the script");
        recorder.write(Data::Warning { text });
    }
    names(vm, recorder, &[("__main__", &namespace)], "end of script");
}

/// Draws what names of some namespaces refer to: those that were asked for, else the first that the script bound.
fn names(vm: &Vm, recorder: &RunRecorder, namespaces: &[(&str, &Ref<Dict>)], moment: &str) {
    let selection = recorder.selection();
    let mut missing: Vec<&String> = selection.memory.iter().collect();
    for (_, namespace) in namespaces {
        let mut position = 0;
        let mut drawn = 0;
        while let Some((key, item)) = namespace.next_entry(&mut position) {
            let name = vm.str_text(&key);
            let wanted = if selection.memory.is_empty() {
                !name.starts_with("__") && drawn < 12
            } else {
                selection.memory.contains(&name)
            };
            if wanted {
                drawn += 1;
                missing.retain(|other| **other != name);
                named(vm, recorder, &name, &item, moment);
            }
        }
    }
    for name in missing {
        recorder.write(Data::Warning { text: format!("--memory: no name '{name}' is bound at that moment") });
    }
}

/// Draws an object of a name, of which the caller holds a count.
fn named(vm: &Vm, recorder: &RunRecorder, name: &str, item: &Value, moment: &str) {
    recorder.write(Data::ObjectMemory(object(vm, name, item)));
    if let Some(page) = page(vm, item) {
        recorder.write(Data::PageMemory(page));
    }
    recorder.write(Data::Graph(graph(vm, name, item, moment)));
}

/// Draws a moment of a running program: all frames of the thread, and what the names that were asked for refer to.
pub fn moment(vm: &Vm, recorder: &RunRecorder, frame: FrameRef, ids: &dyn Fn(FrameRef) -> u64, moment: &str) {
    let mut next = Some(frame);
    let mut depth = 0;
    while let Some(frame) = next
        && depth < 32
    {
        recorder.write(Data::FrameMemory(self::frame(vm, frame, ids(frame), moment)));
        next = frame.caller();
        depth += 1;
    }
    let code = frame.runnable().code.clone();
    let selection = recorder.selection();
    let mut found = Vec::new();
    for (index, name) in code.localsplusnames.iter().enumerate() {
        // One at a time, so that only one count is held that is not the program's.
        let Some(local) = locals_of(frame).into_iter().nth(index) else { continue };
        let name = name.to_string_lossy().into_owned();
        // A cell stands for what it holds.
        let content = local.downcast::<CellBody>().and_then(|cell| cell.content.get());
        let wanted = selection.memory.is_empty() || selection.memory.contains(&name);
        if wanted && !local.is_unbound() {
            let shown = content.as_ref().unwrap_or(&local);
            named(vm, recorder, &name, shown, moment);
            found.push(name);
        }
    }
    let rest = selection.memory.iter().any(|name| !found.contains(name));
    if rest && (!selection.memory.is_empty() || found.is_empty()) {
        names(vm, recorder, &[("globals", &frame.function.globals)], moment);
    }
}

/// A frame word by word: header, variables, operand stack.
pub fn frame(vm: &Vm, frame: FrameRef, f: u64, moment: &str) -> FrameMemory {
    const HEADER: [&str; 8] =
        ["caller's frame", "next word", "lowered code", "function", "namespace", "frame object", "link", "flags"];
    let address = frame.as_ptr().addr() as u64;
    let runnable = frame.runnable();
    let code = &runnable.code;
    let (locals, stack) = (locals_of(frame), stack_of(frame));
    let raw = Memory::words(address, HEADER.len() + locals.len() + stack.len());
    let raw_at = |index: usize| raw.get(index).copied();
    let mut words = Vec::new();
    for (index, name) in HEADER.iter().enumerate() {
        let value = match *name {
            "function" => Some(value(vm, frame.function.as_value())),
            "caller's frame" if raw_at(index) == Some(0) => Some(Val::Immediate("none".to_owned())),
            "next word" => Some(Val::Immediate(format!("behind byte {} of the bytecode", frame.lasti()))),
            "frame object" if raw_at(index) == Some(0) => Some(Val::Immediate("nobody asked for one".to_owned())),
            _ => None,
        };
        let owned = *name == "function" || (matches!(*name, "namespace" | "frame object") && raw_at(index) != Some(0));
        let owner = if owned { "owned" } else { "not a reference" };
        words.push(word(address + 8 * index as u64, raw_at(index).unwrap_or(0), name, value, owner));
    }
    let registers = locals.iter().chain(&stack).enumerate();
    words.extend(registers.map(|(index, register)| {
        let name = match code.localsplusnames.get(index) {
            Some(name) if index < locals.len() => name.to_string_lossy().into_owned(),
            _ => format!("operand stack {}", index - locals.len()),
        };
        let place = HEADER.len() + index;
        let owner = if register.is_unbound() { "empty" } else { owner(register) };
        word(address + 8 * place as u64, register.word(), &name, describe(vm, register), owner)
    }));
    FrameMemory {
        f,
        address,
        name: code.qualname.to_string_lossy().into_owned(),
        line: frame.line().unwrap_or(0).max(0) as u32,
        moment: moment.to_owned(),
        words,
    }
}

/// The process's own memory, as the system shows it.
struct Memory;

impl Memory {
    /// Words at an address; none where they cannot be read.
    fn words(address: u64, count: usize) -> Vec<u64> {
        let mut bytes = vec![0; count * 8];
        let read = std::fs::File::open("/proc/self/mem").and_then(|file| file.read_exact_at(&mut bytes, address));
        if read.is_err() {
            return Vec::new();
        }
        bytes.chunks_exact(8).map(|word| u64::from_ne_bytes(word.try_into().unwrap_or_default())).collect()
    }
}

fn word(address: u64, raw: u64, name: &str, value: Option<Val>, owner: &str) -> Word {
    Word { address, raw: format!("{raw:016x}"), name: name.to_owned(), value, owner: owner.to_owned() }
}

/// Who owns what a slot refers to.
fn owner(slot: &Value) -> &'static str {
    match slot.header() {
        None => "immediate",
        Some(header) if header.is_immortal() => "immortal",
        Some(_) => "owned",
    }
}

/// An object: header, items or attributes in place, table.
pub fn object(vm: &Vm, name: &str, object: &Value) -> ObjectMemory {
    let ty = vm.type_of(object);
    let mut drawing = ObjectMemory { name: name.to_owned(), ty: ty.name_text(), ..ObjectMemory::default() };
    let Some(header) = object.header() else {
        drawing.words.push(word(0, object.word(), "the value itself", describe(vm, object), "immediate"));
        return drawing;
    };
    let address = object.word();
    drawing.address = address;
    // Whoever has this drawn holds a count, which is not the program's.
    let count = if header.is_immortal() { header.count() } else { header.count().saturating_sub(1) };
    drawing.count = (!header.is_immortal()).then_some(count);
    drawing.block = oriel_heap::block_capacity(object) as u32;
    let counted = if header.is_immortal() { "count: immortal" } else { "count" };
    drawing.words.push(Word {
        raw: format!("{count:08x}"),
        ..word(address, 0, counted, Some(Val::Immediate((count & (u32::MAX >> 1)).to_string())), "not a reference")
    });
    let shape = header.shape();
    if shape != 0 {
        let shown = Some(Val::Immediate(format!("shape {shape}")));
        drawing.words.push(Word {
            raw: format!("{shape:08x}"),
            ..word(address + 4, 0, "shape, flags", shown, "not a reference")
        });
    }
    let class = ty.as_value();
    drawing.words.push(word(address + 8, class.word(), "type", Some(value(vm, class)), owner(class)));
    body(vm, object, &mut drawing);
    let names: Vec<String> = vm.shapes.names(shape).iter().map(|name| vm.str_text(name)).collect();
    for (index, slot) in oriel_heap::tail_of(object).iter().enumerate() {
        let place = std::ptr::from_ref(slot).addr() as u64;
        let taken = slot.take();
        let label = names.get(index).map_or_else(|| format!("slot {index}"), |name| format!("attribute {name}"));
        let drawn = match &taken {
            Some(item) => word(place, item.word(), &label, describe(vm, item), owner(item)),
            None => word(place, 0, &label, None, "empty"),
        };
        slot.set(taken);
        drawing.words.push(drawn);
    }
    if shape != 0 {
        drawing.shape.extend(names);
    }
    drawing
}

/// What is between an object's header and its inline attributes, and its table.
fn body(vm: &Vm, object: &Value, drawing: &mut ObjectMemory) {
    const BODY: u64 = 16;
    const MOST: u64 = 40;
    let end = oriel_heap::tail_of(object).first().map(|slot| std::ptr::from_ref(slot).addr() as u64);
    let end = end.unwrap_or(drawing.address + u64::from(drawing.block)).min(drawing.address + BODY + 8 * MOST);
    let start = drawing.address + BODY;
    let raw = Memory::words(start, (end.saturating_sub(start) / 8) as usize);
    // References that the body owns are known by their words.
    let owned: HashMap<u64, Value> =
        oriel_heap::Heap::referents(object).into_iter().map(|item| (item.word(), item)).collect();
    let (fields, items): (&[&str], Option<&[Value]>) = match drawing.ty.as_str() {
        "list" => (&["size", "items at", "room for"], None),
        "str" => (&["length", "hash", "state"], None),
        "bytes" => (&["size", "hash"], None),
        "float" => (&["number"], None),
        _ => match object.downcast::<Tuple>() {
            Some(tuple) => (&["size", "hash"], Some(tuple.items())),
            None => (&[], None),
        },
    };
    let used = match (items, drawing.ty.as_str()) {
        (Some(items), _) => fields.len() + items.len(),
        (None, "list" | "float") => fields.len(),
        _ => raw.len(),
    };
    for (index, number) in raw.iter().enumerate().take(used) {
        let place = start + 8 * index as u64;
        let item = items.and_then(|items| items.get(index.checked_sub(fields.len())?)).or_else(|| owned.get(number));
        let name = match fields.get(index) {
            Some(field) => (*field).to_owned(),
            None if items.is_some() => format!("item {}", index - fields.len()),
            None => format!("body +{}", 8 * index),
        };
        let drawn = match item {
            Some(item) => word(place, *number, &name, describe(vm, item), owner(item)),
            None => word(place, *number, &name, Some(Val::Immediate(plainly(&name, *number))), "not a reference"),
        };
        drawing.words.push(drawn);
    }
    if let Some(list) = object.downcast::<List>() {
        drawing.capacity = list.allocated() as u64;
        let items_at = raw.get(1).copied().unwrap_or(0);
        for index in 0..list.allocated().min(TABLE_ROWS) {
            let place = items_at + 8 * index as u64;
            let item = if index < list.len() { list.get(index) } else { None };
            let name = format!("item {index}");
            drawing.words.push(match &item {
                Some(item) => word(place, item.word(), &name, describe(vm, item), owner(item)),
                None => word(place, 0, "spare", None, "empty"),
            });
            if let Some(item) = item {
                drawing.table.push((index as u64, None, describe(vm, &item)));
            }
        }
    } else if let Some(dict) = object.downcast::<Dict>() {
        let places = dict.places();
        drawing.capacity = places.capacity as u64;
        drawing.slots = places.indices;
        drawing.hashes = places.hashes;
        let mut position = 0;
        while drawing.table.len() < TABLE_ROWS
            && let Some((key, item)) = dict.next_entry(&mut position)
        {
            drawing.table.push((position as u64 - 1, describe(vm, &key), describe(vm, &item)));
        }
        let text = format!(
            "{} entries of {} bytes from {:#x} on, {} in use; behind them {} slots of an index",
            places.capacity,
            places.entry_bytes,
            places.entries,
            places.filled,
            drawing.slots.len()
        );
        drawing.shape.push(text);
    }
}

/// What a word that is no reference may mean.
fn plainly(name: &str, number: u64) -> String {
    if name == "number" {
        return f64::from_bits(number).to_string();
    }
    let bytes = number.to_le_bytes();
    let text = bytes.iter().rposition(|byte| *byte != 0).map_or(&bytes[..0], |last| &bytes[..=last]);
    if text.len() >= 2 && text.iter().all(|byte| (b' '..=b'~').contains(byte)) {
        return format!("{number} {:?}", String::from_utf8_lossy(text));
    }
    if number < 1 << 32 { number.to_string() } else { (number as i64).to_string() }
}

/// The page of the allocator that an object lies in.
pub fn page(vm: &Vm, object: &Value) -> Option<PageMemory> {
    let figures = vm.heap.page_figures(object)?;
    let count = |kind: Block| figures.blocks.iter().filter(|block| **block == kind).count() as u32;
    let sign = |block: &Block| match block {
        Block::Used => '#',
        Block::Free => '.',
        Block::Fresh => '-',
    };
    Some(PageMemory {
        address: figures.address as u64,
        block: figures.block as u32,
        capacity: figures.blocks.len() as u32,
        used: count(Block::Used),
        fresh: count(Block::Fresh),
        containers: figures.container,
        drawing: figures.blocks.iter().map(sign).collect(),
    })
}

/// What an object reaches, nearest first.
pub fn graph(vm: &Vm, name: &str, root: &Value, moment: &str) -> Graph {
    let mut graph = Graph { root: name.to_owned(), moment: moment.to_owned(), ..Graph::default() };
    let mut seen = HashSet::from([root.word()]);
    let mut todo = VecDeque::from([root.clone()]);
    while let Some(object) = todo.pop_front() {
        // This walk holds a count, and whoever has it done another one of the root.
        let held = if graph.nodes.is_empty() { 2 } else { 1 };
        let count = object.header().filter(|header| !header.is_immortal());
        let count = count.map_or(0, |header| header.count().saturating_sub(held));
        let size = if object.header().is_some() { oriel_heap::block_capacity(&object) as u32 } else { 0 };
        graph.nodes.push((object.word(), vm.type_of(&object).name_text(), text(vm, &object, 1), count, size));
        // What every object of a class shares would bury what is its own.
        if object.header().is_none()
            || vm.is_module(&object)
            || object.downcast::<oriel_runtime::types::type_object::Type>().is_some()
        {
            continue;
        }
        for (label, item) in references(vm, &object) {
            if item.header().is_none() || item.downcast::<oriel_runtime::types::type_object::Type>().is_some() {
                continue;
            }
            graph.edges.push((object.word(), item.word(), label));
            if !seen.contains(&item.word()) {
                if graph.nodes.len() + todo.len() >= GRAPH_NODES {
                    graph.cut = true;
                    graph.edges.pop();
                    continue;
                }
                seen.insert(item.word());
                todo.push_back(item);
            }
        }
    }
    graph
}

/// The references of an object, with what each is called.
fn references(vm: &Vm, object: &Value) -> Vec<(String, Value)> {
    if let Some(list) = object.downcast::<List>() {
        return (0..list.len().min(TABLE_ROWS))
            .filter_map(|index| Some((format!("[{index}]"), list.get(index)?)))
            .collect();
    }
    if let Some(tuple) = object.downcast::<Tuple>() {
        return tuple
            .items()
            .iter()
            .take(TABLE_ROWS)
            .enumerate()
            .map(|(index, item)| (format!("[{index}]"), item.clone()))
            .collect();
    }
    if let Some(dict) = object.downcast::<Dict>() {
        let mut position = 0;
        let mut found = Vec::new();
        while found.len() < TABLE_ROWS
            && let Some((key, item)) = dict.next_entry(&mut position)
        {
            found.push((format!("[{}]", text(vm, &key, 2)), item));
        }
        return found;
    }
    let shape = object.header().map_or(0, |header| header.shape());
    let names = vm.shapes.names(shape);
    let mut found = Vec::new();
    let mut named = HashSet::new();
    for (slot, name) in oriel_heap::tail_of(object).iter().zip(&names) {
        let taken = slot.take();
        if let Some(item) = &taken {
            named.insert(item.word());
            found.push((format!(".{}", vm.str_text(name)), item.clone()));
        }
        slot.set(taken);
    }
    // The namespace of a module reaches everything: a function's is left out, as is that of the builtins.
    let is_namespace = |item: &Value| {
        let dict = item.downcast::<Dict>();
        dict.is_some_and(|dict| dict.is(&vm.builtins) || dict.get_str(&vm.names.__builtins__).is_some())
    };
    let others = oriel_heap::Heap::referents(object).into_iter();
    let others = others.filter(|item| !named.contains(&item.word()) && !is_namespace(item));
    found.extend(others.take(TABLE_ROWS).map(|item| (String::new(), item)));
    found
}

/// The containers that are alive, by type: number and bytes of their blocks, most numerous first.
pub fn survivors(vm: &Vm) -> Vec<(String, u64, u64)> {
    let mut types: HashMap<String, (u64, u64)> = HashMap::new();
    for object in vm.heap.containers(None) {
        let entry = types.entry(vm.type_of(&object).name_text()).or_default();
        entry.0 += 1;
        entry.1 += oriel_heap::block_capacity(&object) as u64;
    }
    let mut list: Vec<_> = types.into_iter().map(|(name, (count, bytes))| (name, count, bytes)).collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    list
}
