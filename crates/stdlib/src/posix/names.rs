//! Making, removing, renaming and linking names in the file system.

use super::{done, done_path, flag, folder, given, number, path, path_or_fd};
use oriel_runtime::native::MethodDef;
use oriel_runtime::paths::PathOptions;
use oriel_runtime::platform::names;
use oriel_runtime::{Bound, PyResult, Value, Vm};

/// The functions.
pub const FUNCTIONS: &[MethodDef] = &[
    MethodDef::bound(
        "mkdir",
        |vm, _, args| {
            let target = path(vm, args[0], "mkdir")?;
            let (mode, folder) = (number(vm, args[1], 0o777)? as u32, folder(vm, args[2])?);
            done_path(vm, vm.allow_threads(|| names::mkdirat(folder, target.as_c(), mode)), &target)
        },
        "($module, /, path, mode=511, *, dir_fd=None)",
        "Make a folder.",
    ),
    MethodDef::bound(
        "rmdir",
        |vm, _, args| remove(vm, args, "rmdir", libc::AT_REMOVEDIR),
        "($module, /, path, *, dir_fd=None)",
        "Remove a folder.",
    ),
    MethodDef::bound(
        "unlink",
        |vm, _, args| remove(vm, args, "unlink", 0),
        "($module, /, path, *, dir_fd=None)",
        "Remove a file.",
    ),
    MethodDef::bound(
        "remove",
        |vm, _, args| remove(vm, args, "remove", 0),
        "($module, /, path, *, dir_fd=None)",
        "Remove a file.",
    ),
    MethodDef::bound(
        "rename",
        |vm, _, args| rename(vm, args, "rename"),
        "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        "Rename a file or folder.",
    ),
    MethodDef::bound(
        "replace",
        |vm, _, args| rename(vm, args, "replace"),
        "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)",
        "Rename a file or folder, replacing what has the name.",
    ),
    MethodDef::bound(
        "link",
        link,
        "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None,\n     follow_symlinks=(os.name != 'nt'))",
        "Give a file a second name.",
    ),
    MethodDef::bound(
        "symlink",
        symlink,
        "($module, /, src, dst, target_is_directory=False, *, dir_fd=None)",
        "Make a symbolic link.",
    ),
    MethodDef::bound(
        "readlink",
        |vm, _, args| {
            let target = path(vm, args[0], "readlink")?;
            let folder = folder(vm, args[1])?;
            match vm.allow_threads(|| names::readlinkat(folder, target.as_c())) {
                Ok(found) => Ok(vm.path_result(&found, target.is_bytes)),
                Err(errno) => Err(vm.path_error(errno, &target)),
            }
        },
        "($module, /, path, *, dir_fd=None)",
        "Return what a symbolic link points to.",
    ),
    MethodDef::bound(
        "mkfifo",
        |vm, _, args| {
            let target = path(vm, args[0], "mkfifo")?;
            let (mode, folder) = (number(vm, args[1], 0o666)? as u32, folder(vm, args[2])?);
            done_path(vm, vm.system_call(|| names::mkfifoat(folder, target.as_c(), mode))?, &target)
        },
        "($module, /, path, mode=438, *, dir_fd=None)",
        "Make a named pipe.",
    ),
    MethodDef::bound(
        "mknod",
        |vm, _, args| {
            let target = path(vm, args[0], "mknod")?;
            let mode = number(vm, args[1], 0o600)? as u32;
            let device = args[2].map_or(Ok(0), |device| vm.to_i64(device))? as u64;
            let folder = folder(vm, args[3])?;
            done_path(vm, vm.system_call(|| names::mknodat(folder, target.as_c(), mode, device))?, &target)
        },
        "($module, /, path, mode=384, device=0, *, dir_fd=None)",
        "Make a node in the file system.",
    ),
    MethodDef::bound(
        "chdir",
        |vm, _, args| {
            let target = path_or_fd(vm, args[0], "chdir")?;
            let result = vm.allow_threads(|| match target.descriptor {
                Some(descriptor) => names::fchdir(descriptor),
                None => names::chdir(target.as_c()),
            });
            done_path(vm, result, &target)
        },
        "($module, /, path)",
        "Change the current folder.",
    ),
    MethodDef::bound(
        "fchdir",
        |vm, _, args| {
            let descriptor = vm.descriptor_argument(given(vm, args[0])?)?;
            done(vm, vm.system_call(|| names::fchdir(descriptor))?)
        },
        "($module, /, fd)",
        "Change the current folder to an open one.",
    ),
    MethodDef::bound(
        "chroot",
        |vm, _, args| {
            let target = path(vm, args[0], "chroot")?;
            done_path(vm, vm.allow_threads(|| names::chroot(target.as_c())), &target)
        },
        "($module, /, path)",
        "Change the root folder.",
    ),
];

fn remove(vm: &Vm, args: &Bound<'_>, function: &str, flags: i32) -> PyResult {
    let target = path(vm, args[0], function)?;
    let folder = folder(vm, args[1])?;
    done_path(vm, vm.allow_threads(|| names::unlinkat(folder, target.as_c(), flags)), &target)
}

fn rename(vm: &Vm, args: &Bound<'_>, function: &str) -> PyResult {
    let from = vm.path_argument(args[0], function, "src", PathOptions::default())?;
    let to = vm.path_argument(args[1], function, "dst", PathOptions::default())?;
    let (from_folder, to_folder) = (folder(vm, args[2])?, folder(vm, args[3])?);
    match vm.allow_threads(|| names::renameat(from_folder, from.as_c(), to_folder, to.as_c())) {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(vm.os_error_with_paths(errno, &from.object, &to.object)),
    }
}

fn link(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let from = vm.path_argument(args[0], "link", "src", PathOptions::default())?;
    let to = vm.path_argument(args[1], "link", "dst", PathOptions::default())?;
    let (from_folder, to_folder) = (folder(vm, args[2])?, folder(vm, args[3])?);
    // Links are followed unless one says otherwise.
    let flags = if args[4].map_or(Ok(true), |follow| vm.truth(follow))? { libc::AT_SYMLINK_FOLLOW } else { 0 };
    match vm.allow_threads(|| names::linkat(from_folder, from.as_c(), to_folder, to.as_c(), flags)) {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(vm.os_error_with_paths(errno, &from.object, &to.object)),
    }
}

fn symlink(vm: &Vm, _: &Value, args: &Bound<'_>) -> PyResult {
    let target = vm.path_argument(args[0], "symlink", "src", PathOptions::default())?;
    let link = vm.path_argument(args[1], "symlink", "dst", PathOptions::default())?;
    let _ = flag(vm, args[2], false)?;
    let folder = folder(vm, args[3])?;
    match vm.allow_threads(|| names::symlinkat(target.as_c(), folder, link.as_c())) {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(vm.os_error_with_paths(errno, &target.object, &link.object)),
    }
}
