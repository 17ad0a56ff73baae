# Short names for the scripts; each script works by itself, too.
.DEFAULT_GOAL := help
.PHONY: run build test coverage fuzz bench lint supply-chain check-deploy package image check-image scan-image check-registry check-setup load help

run: ## set up what is missing, build in release, serve on http://127.0.0.1:5000
	@scripts/run.sh

build: ## the same without serving: target/release/crypto-rates
	@scripts/build.sh

test: ## set up what is missing and run every test
	@scripts/test.sh

fuzz: ## try to break the upstream parsers for a minute, or for `make fuzz seconds=600`
	@scripts/fuzz.sh $(seconds)

coverage: ## how much of the server the tests reach: target/coverage; less than 90 % of its lines fails
	@scripts/coverage.sh

bench: ## measure beside nginx and Flask, and write docs/performance.md
	@scripts/bench.sh

lint: ## format, lints and types
	@scripts/lint.sh

supply-chain: ## licences, secrets and known vulnerabilities of all dependencies, and a bill of materials
	@scripts/supply-chain.sh

check-deploy: ## check chart, alerts, dashboards, Terraform, playbooks, pipelines: all that needs no Docker engine
	@scripts/check-deploy.sh

package: ## a static server for this machine's processor, as a tarball and a .deb: target/release-files
	@scripts/package.sh

image: ## build the container image crypto-rates:VERSION
	@scripts/image.sh

check-image: ## run that image as a cluster would, and look at all of it
	@scripts/check-image.sh

scan-image: ## look for secrets in the image, and for known vulnerabilities in all that it is made of
	@scripts/scan-image.sh

check-registry: ## set a registry up, tell nodes of it, and pull: with real machines in containers
	@scripts/check-registry.sh

check-setup: ## kill a set-up in each of its steps, and run it again: in a Debian 12 of its own
	@scripts/check-setup.sh

load: ## load the release build with k6 for a minute, or `make load scenario=spike`
	@scripts/load.sh $(or $(scenario),steady)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1 — /p' $(MAKEFILE_LIST)
