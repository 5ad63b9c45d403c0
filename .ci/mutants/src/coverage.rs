//! Which lines the same tests run, with nothing changed.

use crate::copy::{Copy, Program};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the copy with counters, runs all tests, and prints the lines of each folder and those that nothing ran.
pub fn print(
    copy: &Copy,
    work: &Path,
    tests: &[String],
    settings: &[(String, String)],
    folders: &[String],
) -> Result<(), String> {
    // Counters in the crate alone: what it depends on is built once for both.
    let wrapper = work.join("counted");
    fs::write(&wrapper, "#!/bin/sh\nexec \"$@\" -Cinstrument-coverage\n").map_err(text)?;
    run(Command::new("chmod").arg("+x").arg(&wrapper))?;
    let programs = copy.build(tests, Some(&wrapper))?;
    let profiles = work.join("profiles");
    let _ = fs::remove_dir_all(&profiles);
    for program in &programs {
        let mut command = Command::new(&program.path);
        command.current_dir(&copy.directory).envs(settings.iter().map(|(name, value)| (name, value)));
        command.env("LLVM_PROFILE_FILE", profiles.join(format!("{}-%p.profraw", program.name)));
        let output = command.output().map_err(text)?;
        eprintln!("{}: {}", program.name, output.status);
    }
    let lines = lines(copy, &programs, &profiles, folders)?;
    println!("folder            lines    run  of 100");
    for folder in folders.iter().map(String::as_str).chain([""]) {
        let of_folder = lines.iter().filter(|(file, _)| file.starts_with(folder)).flat_map(|(_, lines)| lines.values());
        let (mut all, mut run) = (0_usize, 0_usize);
        of_folder.for_each(|count| (all, run) = (all + 1, run + usize::from(*count > 0)));
        let name = if folder.is_empty() { "all" } else { folder };
        println!("{name:<16} {all:>6} {run:>6} {:>4}.{:02}", run * 100 / all.max(1), run * 10_000 / all.max(1) % 100);
    }
    for (file, lines) in &lines {
        let source = fs::read_to_string(copy.directory.join(file)).map_err(text)?;
        let missed: BTreeSet<usize> = lines.iter().filter(|(_, count)| **count == 0).map(|(line, _)| *line).collect();
        for line in missed {
            println!("not run: {file}:{line}: {}", source.lines().nth(line - 1).unwrap_or_default().trim());
        }
    }
    Ok(())
}

/// By file how often each line ran, up to where its unit tests begin.
fn lines(
    copy: &Copy,
    programs: &[Program],
    profiles: &Path,
    folders: &[String],
) -> Result<BTreeMap<String, BTreeMap<usize, u64>>, String> {
    let tools = PathBuf::from(run(Command::new("rustc").args(["--print", "target-libdir"]))?.trim()).join("../bin");
    let mut raw = Vec::new();
    for entry in fs::read_dir(profiles).map_err(text)? {
        raw.push(entry.map_err(text)?.path());
    }
    let merged = profiles.join("all.profdata");
    run(Command::new(tools.join("llvm-profdata")).args(["merge", "-sparse", "-o"]).arg(&merged).args(raw))
        .map_err(|error| format!("{error} (rustup component add llvm-tools)"))?;
    let mut export = Command::new(tools.join("llvm-cov"));
    export.args(["export", "--format=lcov", "--instr-profile"]).arg(&merged);
    for (index, program) in programs.iter().enumerate() {
        if index > 0 {
            export.arg("--object");
        }
        export.arg(&program.path);
    }
    let export = run(&mut export)?;
    let mut found: BTreeMap<String, BTreeMap<usize, u64>> = BTreeMap::new();
    let (mut file, mut end) = (None, 0);
    for line in export.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            let name = path.strip_prefix(&*copy.directory.to_string_lossy()).unwrap_or(path).trim_start_matches('/');
            file = folders.iter().any(|folder| name.starts_with(folder.as_str())).then(|| name.to_owned());
            if let Some(name) = &file {
                let source = fs::read_to_string(copy.directory.join(name)).map_err(text)?;
                end = source.lines().position(|line| line == "#[cfg(test)]").unwrap_or(usize::MAX);
            }
        } else if let (Some(name), Some(data)) = (&file, line.strip_prefix("DA:")) {
            let mut numbers = data.split(',').map(|number| number.parse::<u64>().unwrap_or(0));
            let (at, count) = (numbers.next().unwrap_or(0) as usize, numbers.next().unwrap_or(0));
            if at <= end {
                *found.entry(name.clone()).or_default().entry(at).or_default() += count;
            }
        }
    }
    Ok(found)
}

fn run(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
