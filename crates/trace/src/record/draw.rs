//! Memory drawn: objects word by word, tables, what a name reaches, and what is alive.

use super::describe::{describe, text, value};
use super::recorder::RunRecorder;
use crate::event::{Data, Graph, ObjectMemory, PageMemory, Val, Word};
use oriel_heap::Block;
use oriel_runtime::types::dict::Dict;
use oriel_runtime::types::list::List;
use oriel_runtime::types::tuple::Tuple;
use oriel_runtime::{Value, Vm};
use std::collections::{HashMap, HashSet, VecDeque};

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
    if !selection.draw && selection.memory.is_empty() {
        return;
    }
    let Ok(namespace) = vm.main_namespace() else { return };
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
            recorder.write(Data::ObjectMemory(object(vm, &name, &item)));
            if let Some(page) = page(vm, &item) {
                recorder.write(Data::PageMemory(page));
            }
            recorder.write(Data::Graph(graph(vm, &name, &item, "end of script")));
        }
    }
    for name in selection.memory.iter().filter(|name| namespace.get_str(&vm.intern(name)).is_none()) {
        recorder.write(Data::Warning { text: format!("--memory: the script binds no name '{name}'") });
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
    drawing.count = (!header.is_immortal()).then(|| header.count());
    drawing.block = oriel_heap::block_capacity(object) as u32;
    let counted = if header.is_immortal() { "count: immortal" } else { "count" };
    drawing.words.push(Word {
        raw: format!("{:08x}", header.count()),
        ..word(address, 0, counted, Some(Val::Immediate(header.count().to_string())), "not a reference")
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
    if let Some(tuple) = object.downcast::<Tuple>() {
        drawing.words.push(word(
            address + 16,
            tuple.len() as u64,
            "size",
            Some(Val::Immediate(tuple.len().to_string())),
            "not a reference",
        ));
        for (index, item) in tuple.items().iter().enumerate().take(TABLE_ROWS) {
            let place = std::ptr::from_ref(item).addr() as u64;
            drawing.words.push(word(place, item.word(), &format!("item {index}"), describe(vm, item), owner(item)));
        }
    } else if let Some(list) = object.downcast::<List>() {
        drawing.capacity = list.allocated() as u64;
        drawing.table = (0..list.len().min(TABLE_ROWS))
            .map(|index| (index as u64, None, list.get(index).and_then(|item| describe(vm, &item))))
            .collect();
    } else if let Some(dict) = object.downcast::<Dict>() {
        drawing.capacity = dict.table_size() as u64;
        let mut position = 0;
        while drawing.table.len() < TABLE_ROWS
            && let Some((key, item)) = dict.next_entry(&mut position)
        {
            drawing.table.push((position as u64 - 1, describe(vm, &key), describe(vm, &item)));
        }
    }
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
    drawing.shape = if shape == 0 { Vec::new() } else { names };
    drawing
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
        let count = object.header().map_or(0, |header| if header.is_immortal() { 0 } else { header.count() });
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
