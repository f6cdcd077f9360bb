//! The page in a real browser: Chromium without a window, driven through a script that is added to a copy of the page.
//! Skipped where there is no Chromium.

use super::{FIRST, LIMIT, Traced, traced};
use crate::support::run;
use oriel_trace::view::html;
use std::process::Command;

fn chromium() -> Option<&'static str> {
    let found = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()));
    if found.is_none() {
        eprintln!("chromium is not installed: the page was not opened");
    }
    found
}

/// What a script says in the page, line by line.
fn in_page(recorded: &Traced, script: &str) -> Option<Vec<String>> {
    let browser = chromium()?;
    let page = html::html(&recorded.recording);
    assert!(!page.contains("http://") || page.matches("http://").count() == page.matches("http://www.w3.org").count());
    let script = format!(
        "<script>const says = []; const say = (...words) => says.push(words.join(' '));\n\
         const key = (key, shiftKey) => document.dispatchEvent(new KeyboardEvent('keydown', {{ key, shiftKey, bubbles: true }}));\n\
         try {{ {script} }} catch (error) {{ say('error', error); }}\n\
         document.documentElement.replaceChildren(Object.assign(document.createElement('pre'), {{ id: 'says', textContent: says.join('\\n') }}));</script>"
    );
    let page = page.replacen("</body>", &format!("{script}</body>"), 1);
    let file = recorded.folder.file("page.html", &page);
    let mut command = Command::new(browser);
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1280,800",
        "--virtual-time-budget=4000",
    ]);
    command.arg(format!("--user-data-dir={}", recorded.folder.0.join("profile").display()));
    command.arg("--dump-dom").arg(format!("file://{}", file.display()));
    let outcome = run(&mut command, b"", LIMIT);
    let text = outcome.stdout.split("<pre id=\"says\">").nth(1).unwrap_or_else(|| panic!("{outcome:?}"));
    let text = text.split("</pre>").next().unwrap_or_default();
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    Some(text.lines().map(str::to_owned).collect())
}

#[test]
fn the_page_steps_forward_and_back() {
    let recorded = traced("page", FIRST, &["--memory"]);
    let script = r#"
        const at = () => say(document.querySelector('#says').textContent.trim(), '|',
            [...document.querySelectorAll('.frame .top b')].map((b) => b.textContent).join(' < '), '|',
            document.querySelector('#code tr.lit td.op')?.textContent ?? '-');
        const now = () => Number(document.body.dataset.now);
        key('Home');
        say('first', now());
        const seen = [];
        while (!document.querySelector('#says').textContent.includes('BINARY_OP')) { key('ArrowRight'); seen.push(now()); if (seen.length > 500) break; }
        at();
        say('locals', document.querySelector('.frame.now dl')?.textContent);
        say('stack', [...document.querySelectorAll('.frame.now .slot')].map((s) => s.textContent).join(' '));
        const here = now(), page = document.querySelector('#state').textContent;
        key('ArrowRight'); key('ArrowRight'); key('ArrowLeft'); key('ArrowLeft');
        say('back again', now() === here, document.querySelector('#state').textContent === page);
        say('source', document.querySelector('#source .r.lit .text').textContent.trim());
        key('End'); key('Home'); say('home', now());
        for (const button of document.querySelectorAll('nav button')) { button.click(); say('tab', button.textContent, document.querySelector('section.tab.on').textContent.length > 20); }
        open('environments'); go(here);
        say('environments', document.querySelectorAll('.env').length, [...document.querySelectorAll('.env .env .env .env .env .env > .opstack')][0].querySelectorAll('.slot').length === 2 ? [...[...document.querySelectorAll('.env .env .env .env .env .env > .opstack')][0].querySelectorAll('.slot')].map((s) => s.textContent).reverse().join(' < ') : '');
        open('heap'); go(here); say('heap', document.querySelectorAll('#tab-heap svg rect').length > 2);
    "#;
    let Some(says) = in_page(&recorded, script) else { return };
    let text = says.join("\n");
    assert!(!text.contains("error"), "{text}");
    assert!(text.contains("first 0"), "{text}");
    assert!(text.contains("BINARY_OP * [5, 2] | double < <module> | BINARY_OP *"), "{text}");
    assert!(text.contains("locals x5"), "{text}");
    assert!(text.contains("stack 5 2"), "{text}");
    assert!(text.contains("back again true true"), "{text}");
    assert!(text.contains("source return x * 2"), "{text}");
    assert!(text.contains("home 0"), "{text}");
    assert!(text.contains("environments 7 double:2 < <module>:4"), "{text}");
    for tab in ["Step", "Stages", "Compilation", "Heap", "Environments", "Memory", "Costs", "System"] {
        assert!(text.contains(&format!("tab {tab} true")), "{tab}: {text}");
    }
    assert!(text.contains("heap true"), "{text}");
}

#[test]
fn the_page_bears_a_hundred_thousand_events() {
    let source = "def f(n):\n    m = n + 1\n    return m\nx = 0\nfor i in range(12_000):\n    x = f(x)\nprint(x)\n";
    let recorded = traced("large-page", source, &["--steps", "1-60000"]);
    let script = r#"
        say('events', N > 100000);
        let worst = 0;
        for (const f of [0.1, 0.9, 0.5, 0.99, 0.01]) { const t = performance.now(); go(Math.floor(N * f)); worst = Math.max(worst, performance.now() - t); }
        say('rows', document.querySelectorAll('#events .r').length < 200);
        const t = performance.now(); for (let i = 0; i < 50; i++) key('ArrowLeft'); say('fifty steps back', performance.now() - t < 4000);
    "#;
    let Some(says) = in_page(&recorded, script) else { return };
    assert_eq!(says, ["events true", "rows true", "fifty steps back true"]);
}
