//! The symbol table: which names each block of a module binds and uses, and where each name lives.
//!
//! Building takes two passes, as the language reference describes scopes: `build` walks the tree and collects raw facts
//! (bound here, used here, declared global), `analyze` then decides for each name in each block whether it is local,
//! global, free or a cell. What code to emit for a name is not decided here but in `codegen`.

mod analyze;
mod build;
mod dump;
mod expressions;
mod statements;

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use oriel_syntax::Arena;

use crate::error::Location;

pub(crate) use build::build;

/// An identifier, in the arena of the tree.
pub type Name<'a> = &'a str;

/// Symbols of a block in the order of their first appearance.
pub type Symbols<'a> = IndexMap<Name<'a>, Flags, FxBuildHasher>;

/// Where a block stands in [`SymbolTable::blocks`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct BlockId(pub usize);

/// What is known of a name in a block: `DEF_*` and `USE` bits, and above [`Flags::SCOPE_OFFSET`] its scope.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Flags(pub u32);

impl Flags {
    /// Declared by a `global` statement.
    pub const GLOBAL: Flags = Flags(1);
    /// Bound in this block.
    pub const LOCAL: Flags = Flags(2);
    /// A formal parameter.
    pub const PARAM: Flags = Flags(4);
    /// Declared by a `nonlocal` statement.
    pub const NONLOCAL: Flags = Flags(8);
    /// Read in this block.
    pub const USE: Flags = Flags(16);
    /// Free in a method while also a name of the class.
    pub const FREE_CLASS: Flags = Flags(64);
    /// Bound by an import.
    pub const IMPORT: Flags = Flags(128);
    /// Annotated.
    pub const ANNOT: Flags = Flags(256);
    /// An iteration variable of a comprehension.
    pub const COMP_ITER: Flags = Flags(512);
    /// A type parameter.
    pub const TYPE_PARAM: Flags = Flags(1024);
    /// A cell of a comprehension that was inlined here.
    pub const COMP_CELL: Flags = Flags(2048);
    /// Any of the ways to bind a name.
    pub const BOUND: Flags = Flags(Self::LOCAL.0 | Self::PARAM.0 | Self::IMPORT.0);
    /// The scope is kept above this bit.
    pub const SCOPE_OFFSET: u32 = 12;

    /// Whether any of `bits` is set.
    pub fn has(self, bits: Flags) -> bool {
        self.0 & bits.0 != 0
    }

    /// The definition bits without the scope.
    pub fn definitions(self) -> Flags {
        Flags(self.0 & ((1 << Self::SCOPE_OFFSET) - 1))
    }

    /// The scope that analysis decided on, if it has.
    pub fn scope(self) -> Option<Scope> {
        match self.0 >> Self::SCOPE_OFFSET {
            1 => Some(Scope::Local),
            2 => Some(Scope::GlobalExplicit),
            3 => Some(Scope::GlobalImplicit),
            4 => Some(Scope::Free),
            5 => Some(Scope::Cell),
            _ => None,
        }
    }

    /// These definition bits with `scope`.
    pub fn with_scope(self, scope: Scope) -> Flags {
        Flags(self.0 | ((scope as u32) << Self::SCOPE_OFFSET))
    }
}

impl std::ops::BitOr for Flags {
    type Output = Flags;
    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl std::ops::BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Flags) {
        self.0 |= other.0;
    }
}

/// Where a name lives, as seen from one block. The numbers are those of the module `_symtable`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// In this block.
    Local = 1,
    /// In the module, by a `global` statement.
    GlobalExplicit = 2,
    /// In the module or the builtins, for want of a binding nearer.
    GlobalImplicit = 3,
    /// In an enclosing function.
    Free = 4,
    /// In this block, and captured by an inner one.
    Cell = 5,
}

/// The kinds of block. The numbers are those of the module `_symtable`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BlockKind {
    /// A function, a lambda or a comprehension.
    Function = 0,
    /// A class body.
    Class = 1,
    /// A module.
    Module = 2,
    /// The annotations of a function, class or module, evaluated on demand.
    Annotation = 3,
    /// The value of a `type` statement.
    TypeAlias = 4,
    /// The type parameters of a generic function, class or type alias.
    TypeParameters = 5,
    /// The bound, constraints or default of one type parameter.
    TypeVariable = 6,
}

/// Which kind of comprehension a block is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comprehension {
    /// `[...]`
    List,
    /// `{k: v ...}`
    Dict,
    /// `{...}`
    Set,
    /// `(...)`
    Generator,
}

/// What makes a tree node the owner of a block: nodes are told apart by address, and one node can own several blocks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BlockRole {
    /// The module.
    Module,
    /// A `def`, `class` or `type` statement.
    Statement,
    /// A lambda or comprehension.
    Expression,
    /// The annotations of a function, by the address of its arguments.
    Annotations,
    /// A list of type parameters.
    TypeParameters,
    /// The bound of a type parameter, or the default of one that can have no bound.
    TypeParameter,
    /// The default of a type variable.
    TypeParameterDefault,
}

/// The key under which `codegen` finds a block again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BlockKey {
    role: BlockRole,
    address: usize,
}

impl BlockKey {
    /// The key of the block that `node` owns in `role`.
    pub fn new<T: ?Sized>(role: BlockRole, node: &T) -> BlockKey {
        BlockKey { role, address: std::ptr::from_ref(node).cast::<()>() as usize }
    }
}

/// A block and what is known of its names.
#[derive(Debug)]
pub struct Block<'a> {
    /// The name of the function or class, or a fixed word such as `lambda`.
    pub name: Name<'a>,
    /// The kind of block.
    pub kind: BlockKind,
    /// Its names.
    pub symbols: Symbols<'a>,
    /// Its parameters, in order.
    pub varnames: Vec<Name<'a>>,
    /// The blocks directly inside.
    pub children: Vec<BlockId>,
    /// Where names were declared `global` or `nonlocal`.
    pub directives: Vec<(Name<'a>, Location)>,
    /// Where the block stands in the source.
    pub location: Location,
    /// What a type variable's block is for, in words for an error.
    pub scope_info: Option<&'static str>,
    /// The block of this block's annotations.
    pub annotation_block: Option<BlockId>,
    /// Which comprehension this is, if it is one.
    pub comprehension: Option<Comprehension>,
    /// Inside a function.
    pub nested: bool,
    /// Contains `yield`.
    pub generator: bool,
    /// Is `async` or contains `await`.
    pub coroutine: bool,
    /// Has `*args`.
    pub varargs: bool,
    /// Has `**kwargs`.
    pub varkeywords: bool,
    /// Has a `return` with a value.
    pub returns_value: bool,
    /// Annotations appear in it.
    pub annotations_used: bool,
    /// A class whose methods use `__class__`.
    pub needs_class_closure: bool,
    /// A class with inner scopes that look names up in its namespace.
    pub needs_classdict: bool,
    /// A comprehension that is compiled into the enclosing block.
    pub comp_inlined: bool,
    /// An annotation-like block directly in a class.
    pub can_see_class_scope: bool,
    /// Has annotations that may or may not be executed.
    pub has_conditional_annotations: bool,
    /// Starts with a docstring.
    pub has_docstring: bool,
    /// A function directly in a class.
    pub method: bool,
    /// While building: the target of a comprehension is being visited.
    comp_iter_target: bool,
    /// While building: how many iterables of comprehensions are being visited.
    comp_iter_expr: u32,
    /// While building: inside `if`, `for`, `try` and the like.
    in_conditional_block: bool,
    /// While building: in an annotation that is never evaluated.
    in_unevaluated_annotation: bool,
    /// Around a generic class only the names in this set are mangled.
    mangled_names: Option<Rc<RefCell<FxHashSet<Name<'a>>>>>,
}

impl<'a> Block<'a> {
    /// What is known of `name` here; empty when nothing is.
    pub fn symbol(&self, name: &str) -> Flags {
        self.symbols.get(name).copied().unwrap_or_default()
    }

    /// The scope of `name` here.
    pub fn scope(&self, name: &str) -> Option<Scope> {
        self.symbol(name).scope()
    }

    /// Whether names of this block live in fast locals: anything but a module or class.
    pub fn is_function_like(&self) -> bool {
        !matches!(self.kind, BlockKind::Class | BlockKind::Module)
    }

    /// `name` as it is spelled inside the class `private`, unless this block exempts it.
    pub fn maybe_mangle(&self, arena: &'a Arena, private: Option<Name<'a>>, name: Name<'a>) -> Name<'a> {
        match &self.mangled_names {
            Some(names) if !names.borrow().contains(name) => name,
            _ => mangle(arena, private, name),
        }
    }
}

/// All blocks of one module.
#[derive(Debug)]
pub struct SymbolTable<'a> {
    /// The blocks; the first one is the module.
    pub blocks: Vec<Block<'a>>,
    keys: FxHashMap<BlockKey, BlockId>,
}

impl<'a> SymbolTable<'a> {
    /// The module's block.
    pub fn top(&self) -> BlockId {
        BlockId(0)
    }

    /// The block that `key` owns.
    pub fn lookup(&self, key: BlockKey) -> Option<BlockId> {
        self.keys.get(&key).copied()
    }

    /// The block with this number.
    pub fn block(&self, id: BlockId) -> &Block<'a> {
        &self.blocks[id.0]
    }

    /// The block with this number, to change.
    pub fn block_mut(&mut self, id: BlockId) -> &mut Block<'a> {
        &mut self.blocks[id.0]
    }
}

/// Private names: `__spam` in class `Ham` is `_Ham__spam`. Names with dots (modules) and dunder names stay.
pub fn mangle<'a>(arena: &'a Arena, private: Option<Name<'a>>, name: Name<'a>) -> Name<'a> {
    let Some(private) = private else { return name };
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') {
        return name;
    }
    let class = private.trim_start_matches('_');
    if class.is_empty() {
        return name;
    }
    arena.str(&format!("_{class}{name}"))
}
