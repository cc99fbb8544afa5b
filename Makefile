# Two targets do all the set-up on a Debian machine that has a Swift toolchain: `make run` and `make test`.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
# Without the symbols the binary is a third as large. Without a table of exported ones, with a C++ library of its own, and
# with packed relocations, which the toolchain's linker can write, it starts sooner.
STATIC_LIBRARIES = $(CURDIR)/.build/static-libraries
RELEASE_FLAGS = -c release --static-swift-stdlib --disable-local-rpath -Xlinker -s -Xlinker --no-export-dynamic \
    -Xlinker -L$(STATIC_LIBRARIES) -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs

bindir = $(DESTDIR)$(PREFIX)/bin
mandir = $(DESTDIR)$(PREFIX)/share/man
bashdir = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zshdir = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
fishdir = $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d

.PHONY: run test test-ensemble build release lint format bench docs manuals fuzz install uninstall clean build-packages

# Opens the shell on an embedded server.
run: release
	@"$$($(SWIFT) build $(RELEASE_FLAGS) --show-bin-path)/zoosh" dev

# Installs what the tests need, runs all of them and ends with one line of counts.
test: build-packages
	@.ci/test

# The scenarios that take minutes: many kills of the leader, five servers, partitions.
test-ensemble: build-packages
	@.ci/test-ensemble

build: build-packages
	$(SWIFT) build

release: build-packages $(STATIC_LIBRARIES)/libstdc++.a
	@$(SWIFT) build $(RELEASE_FLAGS) --product zoosh

# The linker takes what it finds first, and the system's directory has a shared one too.
$(STATIC_LIBRARIES)/libstdc++.a:
	@mkdir -p $(@D)
	@ln -sf "$$("$$(dirname "$$(command -v $(SWIFT))")/clang" -print-file-name=$(@F))" $@

build-packages:
	@.ci/install-packages libreadline-dev zlib1g-dev

lint:
	@.ci/check-imports
	@.ci/check-files
	@$(SWIFT) format lint --strict --parallel --recursive --configuration .ci/swift-format.json Sources Tests Package.swift
	@echo "lint: no findings"

format:
	$(SWIFT) format --in-place --parallel --recursive --configuration .ci/swift-format.json Sources Tests Package.swift

# Runs `zoosh bench` in turn on `zoosh server` and on Debian's Apache ZooKeeper and prints the table of ratios.
bench: release
	@.ci/bench/run

docs: build-packages
	@.ci/docs

# Makes the manual pages and completion scripts again, from the declarations of the commands.
manuals: build-packages
	@$(SWIFT) build --product zoosh
	@"$$($(SWIFT) build --show-bin-path)/zoosh" generate-docs .

# Feeds the decoders of logs and snapshots with damaged files, for some minutes.
fuzz: build-packages
	@.ci/fuzz

install: release
	install -d $(bindir) $(mandir)/man1 $(mandir)/man5 $(bashdir) $(zshdir) $(fishdir)
	install -m 755 "$$($(SWIFT) build $(RELEASE_FLAGS) --show-bin-path)/zoosh" $(bindir)/zoosh
	install -m 644 man/*.1 $(mandir)/man1
	install -m 644 man/*.5 $(mandir)/man5
	install -m 644 completions/zoosh.bash $(bashdir)/zoosh
	install -m 644 completions/_zoosh $(zshdir)/_zoosh
	install -m 644 completions/zoosh.fish $(fishdir)/zoosh.fish

uninstall:
	rm -f $(bindir)/zoosh $(mandir)/man1/zoosh*.1 $(mandir)/man5/zoosh*.5
	rm -f $(bashdir)/zoosh $(zshdir)/_zoosh $(fishdir)/zoosh.fish

clean:
	rm -rf .build
