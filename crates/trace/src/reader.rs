//! Reading a recording back, also one that ends in the middle of a line.

use crate::event::{Data, Event, FORMAT, Header, VERSION};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// A recording in memory.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    /// The first event.
    pub header: Header,
    /// All events, in order.
    pub events: Vec<Event>,
    /// What was not as it should be: shown at the top of every view.
    pub warnings: Vec<String>,
    /// Whether the last event is there.
    pub complete: bool,
}

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    /// A message: the file cannot be read, or is no recording.
    pub fn open(path: &Path) -> Result<Recording, String> {
        let file = std::fs::File::open(path)
            .map_err(|error| format!("cannot read the recording {}: {error}", path.display()))?;
        Recording::read(file).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Reads a stream.
    ///
    /// # Errors
    /// A message: the stream cannot be read, or is no recording.
    pub fn read(stream: impl Read) -> Result<Recording, String> {
        let mut recording = Recording::default();
        let mut stream = BufReader::with_capacity(1 << 18, stream);
        let mut line = Vec::new();
        let mut number = 0u64;
        let mut broken = 0u64;
        loop {
            line.clear();
            match stream.read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    recording.warnings.push(format!("reading stopped at line {}: {error}", number + 1));
                    break;
                }
            }
            number += 1;
            let whole = line.ends_with(b"\n");
            match serde_json::from_slice::<Event>(&line) {
                Ok(event) => recording.take(event, number)?,
                Err(_) if number == 1 => return Err("this is not a recording of oriel trace".to_owned()),
                Err(_) if !whole => recording.warnings.push(format!("the recording breaks off in line {number}")),
                Err(_) => broken += 1,
            }
        }
        if number == 0 {
            return Err("the recording is empty".to_owned());
        }
        if broken > 0 {
            recording.warnings.push(format!("{broken} lines could not be read and were left out"));
        }
        recording.events.sort_by_key(|event| event.seq);
        if !recording.complete {
            recording.warnings.push(
                "the run did not come to its end while it was recorded: the last events may be missing".to_owned(),
            );
        }
        Ok(recording)
    }

    fn take(&mut self, event: Event, number: u64) -> Result<(), String> {
        match &event.data {
            Data::Header(header) if number == 1 => {
                if header.format != FORMAT {
                    return Err("this is not a recording of oriel trace".to_owned());
                }
                if header.version > VERSION {
                    return Err(format!(
                        "the recording has version {} of the format, this oriel reads up to {VERSION}: use a newer one",
                        header.version
                    ));
                }
                self.header = header.clone();
            }
            _ if number == 1 => return Err("this is not a recording of oriel trace".to_owned()),
            Data::End(_) => self.complete = true,
            Data::Warning { text } => self.warnings.push(text.clone()),
            _ => {}
        }
        self.events.push(event);
        Ok(())
    }

    /// The events of a kind, picked by a function.
    pub fn pick<'a, T: 'a>(&'a self, pick: impl Fn(&'a Data) -> Option<&'a T> + 'a) -> impl Iterator<Item = &'a T> {
        self.events.iter().filter_map(move |event| pick(&event.data))
    }
}
