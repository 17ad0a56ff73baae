# Short names for the scripts; each script works by itself, too.
.DEFAULT_GOAL := help
.PHONY: run build test fuzz bench check-deploy image check-image lint help

run: ## set up what is missing, build in release, serve on http://127.0.0.1:5000
	@scripts/run.sh

build: ## the same without serving: target/release/crypto-rates
	@scripts/build.sh

test: ## set up what is missing and run every test
	@scripts/test.sh

fuzz: ## try to break the upstream parsers for a minute, or for `make fuzz seconds=600`
	@scripts/fuzz.sh $(seconds)

bench: ## measure beside nginx and Flask, and write docs/performance.md
	@scripts/bench.sh

check-deploy: ## check chart, alerts, dashboards, load test and the like: all that needs no Docker engine
	@scripts/check-deploy.sh

image: ## build the container image crypto-rates:VERSION
	@scripts/image.sh

check-image: ## run that image as a cluster would, and look at all of it
	@scripts/check-image.sh

lint: ## format, lints and types
	@scripts/lint.sh

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1 — /p' $(MAKEFILE_LIST)
