//! The struct sequences of `posix`.

use oriel_runtime::types::struct_sequence::{StructSpec, struct_type};
use oriel_runtime::types::type_object::TypeRef;
use oriel_runtime::{PyResult, Value, Vm};
use std::cell::OnceCell;

macro_rules! structs {
    ($($constant:ident $field:ident $name:literal $visible:literal: $doc:literal [$($item:literal = $what:literal),* $(,)?];)*) => {
        $(static $constant: StructSpec = StructSpec {
            ty: struct_type($name, $doc),
            fields: &[$(($item, $what)),*],
            visible: $visible,
        };)*

        /// The types, once the module has been made.
        #[derive(Default)]
        pub struct Structs { $(#[doc = $name] pub $field: OnceCell<TypeRef>,)* }

        /// Makes the types and enters them into the module.
        pub fn add(vm: &Vm, module: &Value) -> PyResult<()> {
            let state = vm.state::<Structs>();
            $(
                let ty = match state.$field.get() {
                    Some(ty) => ty.clone(),
                    None => {
                        let ty = vm.new_struct_type(&$constant)?;
                        let _ = state.$field.set(ty.clone());
                        ty
                    }
                };
                vm.module_set(module, $name.rsplit('.').next().unwrap_or($name), ty)?;
            )*
            Ok(())
        }
    };
}

structs! {
    STAT stat "os.stat_result" 10: "What is known of a file." [
        "st_mode" = "kind and permissions",
        "st_ino" = "inode",
        "st_dev" = "device",
        "st_nlink" = "number of names",
        "st_uid" = "owner",
        "st_gid" = "group of the owner",
        "st_size" = "bytes",
        "" = "integer time of last access",
        "" = "integer time of last modification",
        "" = "integer time of last change",
        "st_atime" = "time of last access",
        "st_mtime" = "time of last modification",
        "st_ctime" = "time of last change",
        "st_atime_ns" = "time of last access in nanoseconds",
        "st_mtime_ns" = "time of last modification in nanoseconds",
        "st_ctime_ns" = "time of last change in nanoseconds",
        "st_blksize" = "best size of a read or write",
        "st_blocks" = "blocks of 512 bytes",
        "st_rdev" = "the device that a device file stands for",
    ];
    STATVFS statvfs "os.statvfs_result" 10: "What is known of a file system." [
        "f_bsize" = "", "f_frsize" = "", "f_blocks" = "", "f_bfree" = "", "f_bavail" = "", "f_files" = "",
        "f_ffree" = "", "f_favail" = "", "f_flag" = "", "f_namemax" = "", "f_fsid" = "",
    ];
    TERMINAL_SIZE terminal_size "os.terminal_size" 2: "Columns and lines of a terminal." [
        "columns" = "width in characters", "lines" = "height in characters",
    ];
    SCHED_PARAM sched_param "posix.sched_param" 1: "The parameter of a scheduling policy." [
        "sched_priority" = "the priority",
    ];
    TIMES times "posix.times_result" 5: "Times of a process." [
        "user" = "user time",
        "system" = "system time",
        "children_user" = "user time of children",
        "children_system" = "system time of children",
        "elapsed" = "time since a fixed point in the past",
    ];
    UNAME uname "posix.uname_result" 5: "What the system is." [
        "sysname" = "operating system",
        "nodename" = "name of the machine in the network",
        "release" = "release of the operating system",
        "version" = "version of the operating system",
        "machine" = "kind of hardware",
    ];
    WAITID waitid "posix.waitid_result" 5: "What a child did." [
        "si_pid" = "", "si_uid" = "", "si_signo" = "", "si_status" = "", "si_code" = "",
    ];
}

/// An instance of one of the types.
pub fn make(vm: &Vm, ty: fn(&Structs) -> &OnceCell<TypeRef>, values: Vec<Value>) -> PyResult {
    let state = vm.state::<Structs>();
    match ty(&state).get() {
        Some(ty) => vm.new_struct(ty, values),
        None => Err(vm.runtime_error("the module posix is not there yet")),
    }
}
