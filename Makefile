# The steps are written down once, in .ci/run; this is the short way to each of them.

.DEFAULT_GOAL := help
.PHONY: help build test race alone newest overlay terminal workers schedules soak lint fmt bench benchstat fuzz generate check-generated mutants cross sizes tidy tidy-check release dist shells packages page browser targets conformance conformance-referee ci

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build ./chaosrun
	go build -o chaosrun ./cmd/chaosrun

test: ## run every test of every module
	go test work

race: ## run every test under the race detector, none from the cache
	.ci/run test

alone: ## build and test the core as users get it, without the other modules
	.ci/run alone

newest: ## test what stands on virtual time with the newest Go
	.ci/run newest

overlay: ## test what the build overlay for mutexes changes, with each supported Go
	.ci/run overlay

workers: ## test the worker files for Python and Node, which needs python3 and node
	.ci/run workers

terminal: ## run the command in terminals of 80 and 40 columns, and interrupt it; needs tmux
	.ci/run terminal

schedules: ## play ten thousand random fault schedules under each policy and as many random scenarios, or SCHEDULES
	SCHEDULES=$${SCHEDULES:-10000} .ci/run schedules

soak: ## ask fake providers 200 times a second for mixed faults for ten minutes, or SOAK, and see what they hold in the end
	SOAK=$${SOAK:-10m} .ci/run soak

lint: ## run go vet and the linters, golangci-lint is built if it is missing
	.ci/run vet lint

fmt: ## format the code
	.ci/run fmt

bench: ## run every benchmark
	go test -run '^$$' -bench . -benchmem work

benchstat: ## measure every policy's time to fallback twice, and compare the two with benchstat
	.ci/run benchstat

mutants: ## make small mistakes in timeline, assertions, harness and the watchdog, and see which the tests notice
	go run ./internal/mutants

fuzz: ## give every fuzz target 10 s, or FUZZTIME
	.ci/run fuzz

generate: ## rewrite all that is generated: goldens, schema, reference pages
	.ci/run generate

check-generated: ## fail if `make generate` would change anything
	.ci/run generated

cross: ## build for every platform
	.ci/run cross

sizes: ## build the command as it ships, and say how large it is
	.ci/run sizes

tidy: ## make every go.mod and go.sum what the imports need
	.ci/run retidy

release: ## make a release of a copy, and install it the way users do
	.ci/run release

page: ## check and build the script of the HTML report, and compare with what is committed; needs node
	.ci/run page

dist: ## build all that a release has, in .cache/dist: archives, container image, packages, checksums; and try the image
	.ci/run dist

shells: ## test the completion in bash, zsh and fish, which are installed where they are missing, on Debian
	.ci/run shells

packages: ## build the packages for Python and Node, install them, and run what their pages say; needs python3 and node
	.ci/run packages

browser: ## open the HTML reports in headless Chromium, let axe-core look at them, and keep screenshots; needs python3, node and Debian
	.ci/run browser

targets: ## install the engines that ship, in their pinned versions, and call each of them; needs python3 and node
	.ci/run targets

conformance: ## run all engines through the scorecard's scenarios and write docs/CONFORMANCE.md, or those in CONFORMANCE; resumable
	.ci/run conformance

conformance-referee: ## run a third of the scorecard's short cells on the real clock, and compare; of the engines in REFEREE
	.ci/run conformance-referee

tidy-check: ## fail if go.mod or go.sum are not what the imports need
	.ci/run tidy verify

ci: ## everything that has to hold before a change is merged
	.ci/run
