//! Extended attributes of files.

use super::{done_path, flag, given, number, path_or_fd};
use oriel_runtime::native::MethodDef;
use oriel_runtime::paths::{PathArgument, PathOptions};
use oriel_runtime::platform::names::{self, AttributeTarget};
use oriel_runtime::{PyResult, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "getxattr",
        |vm, _, args| {
            let target = path_or_fd(vm, args[0], "getxattr")?;
            let name = vm.path_argument(args[1], "getxattr", "attribute", PathOptions::default())?;
            let place = place(vm, &target, flag(vm, args[2], true)?, "getxattr")?;
            match vm.allow_threads(|| names::getxattr(place, name.as_c())) {
                Ok(value) => vm.try_new_bytes(&value),
                Err(errno) => Err(vm.path_error(errno, &target)),
            }
        },
        "($module, /, path, attribute, *, follow_symlinks=True)",
        "Return the value of an extended attribute.",
    ),
    MethodDef::bound(
        "setxattr",
        |vm, _, args| {
            let target = path_or_fd(vm, args[0], "setxattr")?;
            let name = vm.path_argument(args[1], "setxattr", "attribute", PathOptions::default())?;
            let value = vm.buffer(given(vm, args[2])?, false)?.to_vec();
            let flags = number(vm, args[3], 0)?;
            let place = place(vm, &target, flag(vm, args[4], true)?, "setxattr")?;
            done_path(vm, vm.allow_threads(|| names::setxattr(place, name.as_c(), &value, flags)), &target)
        },
        "($module, /, path, attribute, value, flags=0, *,\n         follow_symlinks=True)",
        "Set an extended attribute.",
    ),
    MethodDef::bound(
        "removexattr",
        |vm, _, args| {
            let target = path_or_fd(vm, args[0], "removexattr")?;
            let name = vm.path_argument(args[1], "removexattr", "attribute", PathOptions::default())?;
            let place = place(vm, &target, flag(vm, args[2], true)?, "removexattr")?;
            let result = vm.allow_threads(|| match place {
                AttributeTarget::Path(path) => names::removexattr(path, name.as_c()),
                AttributeTarget::Link(path) => names::lremovexattr(path, name.as_c()),
                AttributeTarget::Descriptor(descriptor) => names::fremovexattr(descriptor, name.as_c()),
            });
            done_path(vm, result, &target)
        },
        "($module, /, path, attribute, *, follow_symlinks=True)",
        "Remove an extended attribute.",
    ),
    MethodDef::bound(
        "listxattr",
        |vm, _, args| {
            let options = PathOptions { nullable: true, descriptor: true };
            let target = vm.path_argument(args[0], "listxattr", "path", options)?;
            let place = place(vm, &target, flag(vm, args[1], true)?, "listxattr")?;
            match vm.allow_threads(|| names::listxattr(place)) {
                Ok(found) => {
                    let names = found.split(|byte| *byte == 0).filter(|name| !name.is_empty());
                    Ok(vm.new_list(names.map(|name| vm.fs_decode(name)).collect()).into_value())
                }
                Err(errno) => Err(vm.path_error(errno, &target)),
            }
        },
        "($module, /, path=None, *, follow_symlinks=True)",
        "Return the names of the extended attributes.",
    ),
];

fn place<'a>(vm: &Vm, target: &'a PathArgument, follow: bool, function: &str) -> PyResult<AttributeTarget<'a>> {
    match target.descriptor {
        Some(_) if !follow => Err(vm.value_error(format!("{function}: cannot use fd and follow_symlinks together"))),
        Some(descriptor) => Ok(AttributeTarget::Descriptor(descriptor)),
        None if follow => Ok(AttributeTarget::Path(target.as_c())),
        None => Ok(AttributeTarget::Link(target.as_c())),
    }
}
