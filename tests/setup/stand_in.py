"""Stands in for tools/: as many minutes as cargo-leptos takes to compile, cargo would only do what it does here.

It has the names and versions that the set-up looks for and no dependency from elsewhere, and its first build goes on
until it is killed. `cargo install`, its lock file and its leftovers are real.
"""

import shutil
from pathlib import Path


def put_in_place_of(tools: Path, pinned: dict[str, str]) -> None:
    """Writes a package with two programs, which depends on empty crates of these names and versions."""
    shutil.rmtree(tools)
    versions = "".join(f'{name} = {{ path = "{name}", version = "={version}" }}\n' for name, version in pinned.items())
    files = {
        "Cargo.toml": f'[workspace]\n[package]\nname = "tools"\nversion = "1.0.0"\n[dependencies]\n{versions}',
        "build.rs": """fn main() {
            let mark = std::path::Path::new("/root/tools-have-been-begun");
            let first = !mark.exists();
            std::fs::write(mark, "").unwrap();
            if first { std::thread::sleep(std::time::Duration::from_secs(3600)); }
        }""",
        "Cargo.lock": "version = 4\n" + "".join(
            f'\n[[package]]\nname = "{name}"\nversion = "{version}"\n{needs}'
            for name, version, needs in sorted(
                [(name, version, "") for name, version in pinned.items()]
                + [("tools", "1.0.0", f"dependencies = {sorted(pinned)}\n".replace("'", '"'))]
            )
        ),
    }
    for name, version in pinned.items():
        files[f"{name}/Cargo.toml"] = f'[package]\nname = "{name}"\nversion = "{version}"\n'
        files[f"{name}/src/lib.rs"] = ""
        program = name.removesuffix("-cli-support")
        files[f"src/bin/{program}.rs"] = f'fn main() {{ println!("{program} {version}"); }}'
    for path, text in files.items():
        (tools / path).parent.mkdir(parents=True, exist_ok=True)
        (tools / path).write_text(text)
