//! What cargo-leptos names of swc: `Compiler::minify`, step by step as swc 79 does it with what cargo-leptos asks
//! for. The rest of swc, which translates newer languages into older ones, is most of its compile time.

use std::sync::Arc;

use anyhow::Context as _;
use swc_common::comments::SingleThreadedComments;
use swc_common::errors::{HANDLER, Handler};
use swc_common::{Mark, SourceFile, SourceMap};
use swc_compiler_base::{PrintArgs, TransformOutput};
pub use swc_config::types::BoolOrDataConfig;
use swc_config::types::BoolOr;
use swc_ecma_minifier::js::JsMinifyCommentOption;
use swc_ecma_minifier::option::{ExtraOptions, MinifyOptions, TopLevelOptions};
use swc_ecma_parser::{EsSyntax, Syntax};
use swc_ecma_transforms_base::fixer::{fixer, paren_remover};
use swc_ecma_transforms_base::helpers::{HELPERS, Helpers};
use swc_ecma_transforms_base::resolver;

pub mod config {
    pub use swc_config::is_module::IsModule;
    pub use swc_ecma_minifier::js::JsMinifyOptions;
}

#[derive(Default)]
pub struct JsMinifyExtras;

/// What went wrong; the details are on the error stream already.
pub struct Failure(anyhow::Error);

impl Failure {
    pub fn to_pretty_error(self) -> anyhow::Error {
        self.0
    }
}

pub fn try_with_handler<T>(
    sources: Arc<SourceMap>,
    (): (),
    run: impl FnOnce(&Handler) -> anyhow::Result<T>,
) -> Result<T, Failure> {
    let handler = Handler::with_emitter_writer(Box::new(std::io::stderr()), Some(sources));
    HANDLER.set(&handler, || run(&handler)).map_err(Failure)
}

pub struct Compiler {
    sources: Arc<SourceMap>,
}

impl Compiler {
    pub fn new(sources: Arc<SourceMap>) -> Self {
        Self { sources }
    }

    pub fn minify(
        &self,
        file: Arc<SourceFile>,
        handler: &Handler,
        options: &config::JsMinifyOptions,
        _: JsMinifyExtras,
    ) -> anyhow::Result<TransformOutput> {
        let target = options.ecma.clone().into();
        let comments = SingleThreadedComments::default();
        let syntax = Syntax::Es(EsSyntax { import_attributes: true, ..Default::default() });
        let program = swc_compiler_base::parse_js(
            self.sources.clone(),
            file.clone(),
            handler,
            target,
            syntax,
            options.module,
            Some(&comments),
        )
        .context("failed to parse input file")?;

        let mut minify = MinifyOptions {
            compress: options
                .compress
                .clone()
                .unwrap_as_option(|_| Some(Default::default()))
                .map(|compress| compress.into_config(self.sources.clone())),
            mangle: options.mangle.clone().unwrap_as_option(|_| Some(Default::default())),
            ..Default::default()
        };
        if let Some(compress) = &mut minify.compress {
            compress.top_level.get_or_insert(TopLevelOptions { functions: true });
        }
        if let Some(mangle) = &mut minify.mangle {
            mangle.top_level.get_or_insert(true);
        }

        let (unresolved_mark, top_level_mark) = (Mark::new(), Mark::new());
        let marks = ExtraOptions { unresolved_mark, top_level_mark, mangle_name_cache: None };
        let program = HELPERS.set(&Helpers::new(false), || {
            let program = program
                .apply(paren_remover(Some(&comments)))
                .apply(resolver(unresolved_mark, top_level_mark, false));
            let sources = self.sources.clone();
            swc_ecma_minifier::optimize(program, sources, Some(&comments), None, &minify, &marks)
                .apply(fixer(Some(&comments)))
        });
        swc_compiler_base::minify_file_comments(
            &comments,
            BoolOr::Data(JsMinifyCommentOption::PreserveSomeComments),
            BoolOr::Bool(false),
            options.format.preserve_annotations,
        );

        swc_compiler_base::print(
            self.sources.clone(),
            &program,
            PrintArgs {
                source_file_name: Some(&file.name.to_string()),
                comments: Some(&comments),
                codegen_config: swc_ecma_codegen::Config::default()
                    .with_target(target)
                    .with_minify(true)
                    .with_ascii_only(options.format.ascii_only)
                    .with_inline_script(options.format.inline_script),
                ..Default::default()
            },
        )
    }
}
