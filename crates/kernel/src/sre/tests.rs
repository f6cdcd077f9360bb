//! Small checks on code arrays; the wide comparison is against the reference implementation.

use super::{InvalidCode, Matcher, Mode, Program, Subject};

#[track_caller]
fn check(code: &[u32], groups: usize, subject: &str, expected: Option<(usize, usize)>) {
    let program = Program::decode(code, groups).expect("valid code");
    let wide: Vec<u16> = subject.encode_utf16().collect();
    let full: Vec<u32> = subject.chars().map(u32::from).collect();
    for subject in [Subject::One(subject.as_bytes()), Subject::Two(&wide), Subject::Four(&full)] {
        let mut matcher = Matcher::new(&program);
        let found = matcher.find(&program, subject, 0, Mode::Search, false, &mut || false).expect("no error");
        assert_eq!(found.then(|| (matcher.start(), matcher.end())), expected);
    }
}

#[test]
fn literal_prefix() {
    let code = [14, 10, 3, 2, 2, 2, 2, 97, 98, 0, 0, 16, 97, 16, 98, 1];
    check(&code, 0, "xxab", Some((2, 4)));
    check(&code, 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", Some((30, 32)));
    check(&code, 0, "axbx", None);
}

#[test]
fn greedy_gives_back() {
    // .*b
    let code = [14, 4, 0, 1, u32::MAX, 24, 5, 0, u32::MAX, 2, 1, 16, 98, 1];
    check(&code, 0, "abab\nb", Some((0, 4)));
    check(&code, 0, "aaa", None);
}

#[test]
fn alternation() {
    // ab|ac|b
    let code = [7, 7, 16, 97, 16, 98, 15, 14, 7, 16, 97, 16, 99, 15, 7, 5, 16, 98, 15, 2, 0, 1];
    check(&code, 0, "xxac", Some((2, 4)));
    check(&code, 0, "b", Some((0, 1)));
    check(&code, 0, "a", None);
}

#[test]
fn hostile_code_is_refused() {
    let bad: [&[u32]; 9] = [
        &[],
        &[16, 97],
        &[16, 1],
        &[17, 0, 1],
        &[7, 3, 15, 1, 1],
        &[24, 1, 0, 0, 1],
        &[15, 1, 1],
        &[18, 1],
        &[13, 0, 1],
    ];
    for code in bad {
        assert_eq!(Program::decode(code, 0).err(), Some(InvalidCode), "{code:?}");
    }
}

#[test]
fn atomic_groups_give_nothing_back() {
    // (?>a*)a
    check(&[27, 9, 24, 6, 0, u32::MAX, 16, 97, 1, 1, 16, 97, 1], 0, "aaa", None);
    // (?>a*?)a: the group is empty
    check(&[27, 9, 26, 6, 0, u32::MAX, 16, 97, 1, 1, 16, 97, 1], 0, "baa", Some((1, 2)));
}
