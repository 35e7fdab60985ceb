# Sotto. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The same flags everywhere share one build cache. A development window on Linux is built for OpenGL ES, which
# compiles three times faster and draws the same.
WINDOW_TAGS := $(if $(filter Linux,$(shell uname -s)),gles)
# Tests that are parallel are those that wait.
UNIT        := CGO_ENABLED=0 go test -tags ci -parallel 8
# The race detector looks at everything but SQLite's engines, which are C put into Go by a machine: they would take half of the time.
RACE        := CGO_ENABLED=1 go test -race -gcflags=github.com/ncruces/go-sqlite3-wasm/...=-race=false \
               -gcflags=modernc.org/sqlite/lib=-race=false -tags ci -parallel 8
LINT        := golangci-lint
LINT_VERSION := v2.15.0
TOOLS       := $(CURDIR)/build/tools
EXE         := $(shell go env GOEXE)
# what the app returns where it finds none
NO_DISPLAY  := 3
# A display of its own where there is none. dbus-run-session gives the keychain tests a bus that nobody else sees.
XVFB        := xvfb-run -a -s "-screen 0 1600x900x24 -nolisten tcp"
FUZZTIME    ?= 10s

.PHONY: help deps deps-display deps-server run build relay check test units race interop e2e test-network demo lint bench fuzz prove generate package deb licenses clean

help: ## what there is
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

deps:
	@.ci/deps build

deps-display: deps
	@.ci/deps build display

deps-server:
	@.ci/deps server

run: deps ## build and start the app
	go build -tags '$(WINDOW_TAGS)' -o bin/sotto$(EXE) .
	@bin/sotto$(EXE) || { code=$$?; [ $$code -eq $(NO_DISPLAY) ] || exit $$code; \
	  echo "The demo needs none, so it runs instead."; $(MAKE) --no-print-directory demo; }

build: deps relay ## build bin/sotto and bin/sottod
	go build -tags '$(WINDOW_TAGS)' -o bin/sotto$(EXE) .

relay: ## build bin/sottod alone: pure Go, no window, no C compiler
	CGO_ENABLED=0 go build -o bin/sottod$(EXE) ./cmd/sottod

demo: deps-display ## two accounts talk through a relay on this machine; screenshots in build/demo
	go build -tags '$(WINDOW_TAGS)' -o bin/sotto$(EXE) .
	@mkdir -p build
	@bin/sotto$(EXE) --demo build/demo 2>build/demo.err || { code=$$?; \
	  [ $$code -eq $(NO_DISPLAY) ] || { cat build/demo.err >&2; exit $$code; }; \
	  LIBGL_ALWAYS_SOFTWARE=1 $(XVFB) bin/sotto --demo build/demo; }

check: ## what to run before a commit: under four minutes
	CGO_ENABLED=0 go vet -tags ci ./...
	$(UNIT) -short ./...

test: units race interop e2e ## everything, but for the network of hosts only a tenth
	$(MAKE) test-network NETWORK_FLAGS=-short

units: deps-display deps-server ## unit tests, vectors, golden images, headless scripts; no C, no GL
	@mkdir -p build
	$(UNIT) -json -skip '^TestConformance$$' ./... | go run .ci/results.go build/units.json
	SOTTO_RESULTS=$(CURDIR)/build/units.json $(UNIT) -run '^TestConformance$$' ./node

race: deps-display deps-server ## the race detector on everything that runs concurrently
	$(RACE) -short $$(.ci/concurrent ./node/... ./models/... ./services/... ./views/...)

interop: deps ## against go-ethereum 1.9.20's Whisper node
	cd interop && go vet ./... && go test ./...

test-network: deps-server ## hosts in network namespaces: relays, mailservers and people under cuts, kills and lies; needs root
	CGO_ENABLED=0 go test -count=1 -tags network -timeout 60m -v -run 'Network|Together|Clocks|Waking|Archive|Router' $(NETWORK_FLAGS) ./cmd/sottod

e2e: deps-display ## two app processes and a relay in real windows; the message list and catching up measured in one
	LIBGL_ALWAYS_SOFTWARE=1 dbus-run-session -- $(XVFB) go test -count=1 -p 1 -tags '$(WINDOW_TAGS) e2e' ./app/e2e/... ./views/message/e2e/...

$(TOOLS)/$(LINT):
	GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

lint: $(TOOLS)/$(LINT) ## gofmt, vet (one of the linters), staticcheck, the arrows, tidy
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "gofmt would change these"; exit 1; }
	CGO_ENABLED=0 $(TOOLS)/$(LINT) run ./...
	go mod tidy -diff
	cd interop && go mod tidy -diff

bench: ## our Whisper against go-ethereum 1.9.20's, in one run; prints the table of docs/performance.md
	cd interop && go run ./compare

fuzz: ## every fuzz target for FUZZTIME (10s)
	@go list -tags ci ./... | while read -r pkg; do \
	  for target in $$(CGO_ENABLED=0 go test -tags ci -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$target"; CGO_ENABLED=0 go test -tags ci -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg; \
	  done; done

prove: deps-display deps-server ## the long rest, for hours: a million rows, power cuts, soak, the whole network of hosts, the window's goals on a quiet machine, long fuzzing
	$(UNIT) -tags ci,prove -timeout 2h -v -skip '^TestConformance$$' ./models/... ./node/... ./services/...
	$(MAKE) test-network
	SOTTO_STRICT=1 $(MAKE) e2e
	$(MAKE) fuzz FUZZTIME=5m

generate: ## protobuf code
	@.ci/deps generate
	go generate ./...

package: deps ## a Linux archive as users install it
	mkdir -p build/package
	go tool fyne package --os linux --release --tags migrated_fynedo
	mv Sotto.tar.xz build/package/
	@ls -l build/package

VERSION ?= $(shell sed -n 's/^  Version = "\(.*\)"/\1/p' FyneApp.toml)
ARCH    ?= $(or $(GOARCH),$(shell go env GOARCH))

deb: ## the Debian package of sottod, in build/package: no root, no C compiler; ARCH=arm64 for another machine, DEB_MAINTAINER='Name <address>'
	cmd/sottod/debian/build $(VERSION) $(ARCH) build/package

licenses: ## the licence of every module that is linked
	@.ci/licenses

clean: ## what was built
	rm -rf build bin
