//! What cargo-leptos names of cargo-generate, and nothing behind it.

#[derive(Default)]
pub struct TemplatePath {
    pub git: Option<String>,
    pub branch: Option<String>,
    pub tag: Option<String>,
    pub path: Option<String>,
    pub rest: (),
}

#[derive(Default)]
pub struct GenerateArgs {
    pub template_path: TemplatePath,
    pub name: Option<String>,
    pub force: bool,
    pub verbose: bool,
    pub init: bool,
    pub rest: (),
}

pub fn generate(_: GenerateArgs) -> anyhow::Result<()> {
    anyhow::bail!("this cargo-leptos was built without templates; see tools/ in Crypto Rates")
}
