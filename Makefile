# Builds etl and its tests. Everything made goes under $(BUILD), so flavours live side by side:
#
#   make                                                  build/etl
#   make DEVELOPER=1                                      many warnings, each an error
#   make BUILD=build/clang CC=clang
#   make BUILD=build/asan SANITIZE=address,undefined unit
#   make unit                                             builds and runs the unit tests
#   make unit TESTS='tests/base/%'                        some of them
#   make check-includes                                   does src/ keep its include rule?
#   make completions                                      build/completions: bash, zsh, fish
#   make bench                                            figures of speed and memory, with bars
#   make install PREFIX=/usr DESTDIR=/tmp/package; make uninstall
#   make deb                                              build/etl_VERSION_ARCH.deb
#
# The MySQL client library is MariaDB's or MySQL's own, whichever has its config program on the
# path; MYSQL_CFLAGS and MYSQL_LIBS name another.

BUILD = build
PREFIX = /usr/local
DESTDIR =
DEVELOPER =
SANITIZE =
TESTS = %

VERSION := $(shell cat VERSION)

# ---- libraries -------------------------------------------------------------------------------

PKG_CONFIG = pkg-config
PACKAGES = libcurl libcrypto jansson

mysql_config := $(firstword $(foreach name,mariadb_config mysql_config,\
	$(shell command -v $(name) 2>/dev/null)))
# This value exists so that a missing library is an error of its own and not of the compiler.
mysql_flags = $(if $(mysql_config),$(shell $(mysql_config) $(1)),$(error no MySQL client \
	library: install default-libmysqlclient-dev, or set MYSQL_CFLAGS and MYSQL_LIBS))
package_flags = $(shell $(PKG_CONFIG) $(1) $(2) || echo pkg-config-failed-see-above)

ifeq ($(filter clean check-includes install-data help bench,$(or $(MAKECMDGOALS),all)),)
# as system headers: their warnings are not ours
MYSQL_CFLAGS ?= $(patsubst -I%,-isystem %,$(filter -I% -D%,$(call mysql_flags,--cflags)))
MYSQL_LIBS ?= $(call mysql_flags,--libs)
MYSQL_CFLAGS := $(MYSQL_CFLAGS)
MYSQL_LIBS := $(MYSQL_LIBS)
PACKAGE_CFLAGS := $(call package_flags,--cflags,$(PACKAGES))
PACKAGE_LIBS := $(call package_flags,--libs,$(PACKAGES))
endif
CHECK_CFLAGS = $(call package_flags,--cflags,check)
CHECK_LIBS = $(call package_flags,--libs,check)

# ---- flags -----------------------------------------------------------------------------------

ifdef SANITIZE
OPTIMISE = -O1 -fno-omit-frame-pointer
HARDEN = -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
else
OPTIMISE = -O2
HARDEN = -fstack-protector-strong \
	$(if $(filter -O0,$(OPTIMISE)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif

WARNINGS = -Wall
ifdef DEVELOPER
WARNINGS += -Wextra -Werror -Wcast-align -Wdouble-promotion -Wformat=2 \
	-Wmissing-declarations -Wmissing-prototypes -Wnested-externs -Wold-style-definition \
	-Wpointer-arith -Wredundant-decls -Wshadow -Wstrict-prototypes -Wundef -Wvla \
	-Wwrite-strings
endif

CFLAGS = -g $(OPTIMISE)
etl_cflags = -std=c11 -D_GNU_SOURCE -DETL_VERSION='"$(VERSION)"' -Isrc -fPIE -pthread \
	$(HARDEN) $(WARNINGS) $(MYSQL_CFLAGS) $(PACKAGE_CFLAGS) $(CFLAGS) $(CPPFLAGS)
src_cflags = -include src/base/banned.h
test_cflags = -Itests $(CHECK_CFLAGS)

etl_ldflags = -pie -pthread -Wl,-z,relro,-z,now $(HARDEN) $(CFLAGS) $(LDFLAGS)
etl_libs = $(MYSQL_LIBS) $(PACKAGE_LIBS) -lz -lm $(LDLIBS)

# ---- files -----------------------------------------------------------------------------------

sources := $(sort $(shell find src -name '*.c'))
objects := $(sources:%.c=$(BUILD)/obj/%.o)
main_object := $(BUILD)/obj/src/main.o
library := $(BUILD)/libetl.a

test_sources := $(sort $(shell find tests -name 'test_*.c' 2>/dev/null))
test_objects := $(test_sources:%.c=$(BUILD)/obj/%.o)
test_programs := $(test_sources:%.c=$(BUILD)/%)
# programs that tests/integration/run starts on a live server
live_sources := $(sort $(shell find tests/integration -name 'it_*.c' 2>/dev/null))
live_objects := $(live_sources:%.c=$(BUILD)/obj/%.o)
live_programs := $(live_sources:%.c=$(BUILD)/%)
fake_objects := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/fakes/*.c)))
fake_library := $(if $(fake_objects),$(BUILD)/libfakes.a)

# ---- rules -----------------------------------------------------------------------------------

all: $(BUILD)/etl

$(BUILD)/etl: $(main_object) $(library)
	$(call announce,LINK)
	$(Q)$(CC) $(etl_ldflags) -o $@ $(main_object) $(library) $(etl_libs)

$(library): $(filter-out $(main_object),$(objects))
$(fake_library): $(fake_objects)

$(BUILD)/lib%.a: $(BUILD)/files
	$(call announce,AR)
	$(Q)rm -f $@ && $(AR) crs $@ $(filter %.o,$^)

$(BUILD)/obj/src/%.o: src/%.c $(BUILD)/flags
	$(call announce,CC)
	$(Q)mkdir -p $(@D) && $(CC) $(etl_cflags) $(src_cflags) -MMD -MP -c -o $@ $<

$(BUILD)/obj/tests/%.o: tests/%.c $(BUILD)/flags
	$(call announce,CC)
	$(Q)mkdir -p $(@D) && $(CC) $(etl_cflags) $(test_cflags) -MMD -MP -c -o $@ $<

$(test_programs) $(live_programs): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o \
		$(fake_library) $(library)
	$(call announce,LINK)
	$(Q)mkdir -p $(@D) && $(CC) $(etl_ldflags) -o $@ $^ $(etl_libs) $(CHECK_LIBS)

tests: $(test_programs)
integration-programs: $(live_programs)

chosen_tests := $(filter $(TESTS:%=$(BUILD)/%),$(test_programs))
chosen-tests: $(chosen_tests)

unit: $(chosen_tests)
	@scripts/run-unit $(chosen_tests)

check-includes:
	@scripts/check-includes

# What loads are measured against; it is no part of etl.
bench-sink: $(BUILD)/bench/sink

$(BUILD)/bench/sink: bench/sink.c $(BUILD)/flags
	$(call announce,CC)
	$(Q)mkdir -p $(@D) && $(CC) -std=c11 -D_GNU_SOURCE $(WARNINGS) $(CFLAGS) $(LDFLAGS) \
		-o $@ $< -lz $(LDLIBS)

bench:
	@scripts/bench

# With other flags all is compiled again; when a file came or went, the library is made again.
define keep_if_same
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(1))' | cmp -s - $@ || echo '$(subst ','\'',$(1))' >$@
endef

$(BUILD)/flags: FORCE
	$(call keep_if_same,$(CC) $(etl_cflags) $(src_cflags) $(etl_ldflags) $(etl_libs))

$(BUILD)/files: FORCE
	$(call keep_if_same,$(objects) $(fake_objects))

# What the shells look for: etl, _etl, etl.fish.
completions: $(BUILD)/completions/etl $(BUILD)/completions/_etl $(BUILD)/completions/etl.fish

$(BUILD)/completions/etl: shell = bash
$(BUILD)/completions/_etl: shell = zsh
$(BUILD)/completions/etl.fish: shell = fish
$(BUILD)/completions/etl $(BUILD)/completions/_etl $(BUILD)/completions/etl.fish: $(BUILD)/etl
	$(call announce,GEN)
	$(Q)mkdir -p $(@D) && $(BUILD)/etl completion $(shell) >$@

# FILE:PLACE under $(DESTDIR)$(PREFIX) of everything but the program
data = etl.1:share/man/man1/etl.1 \
	$(BUILD)/completions/etl:share/bash-completion/completions/etl \
	$(BUILD)/completions/_etl:share/zsh/vendor-completions/_etl \
	$(BUILD)/completions/etl.fish:share/fish/vendor_completions.d/etl.fish \
	$(foreach file,$(wildcard contracts/*),$(file):share/etl/$(file)) \
	$(foreach file,README.md SECURITY.md $(wildcard docs/*.md),$(file):share/doc/etl/$(file))
places = bin/etl $(foreach pair,$(data),$(lastword $(subst :, ,$(pair))))

install: $(BUILD)/etl completions
	install -D -m 755 $(BUILD)/etl $(DESTDIR)$(PREFIX)/bin/etl
	@for pair in $(data); do \
		echo install -D -m 644 $${pair%%:*} $(DESTDIR)$(PREFIX)/$${pair#*:}; \
		install -D -m 644 $${pair%%:*} $(DESTDIR)$(PREFIX)/$${pair#*:} || exit 1; done

# What install put there, and the folders of etl's own if nothing else is in them.
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,$(places))
	-rmdir $(foreach dir,share/etl/contracts share/etl share/doc/etl/docs share/doc/etl,\
		$(DESTDIR)$(PREFIX)/$(dir)) 2>/dev/null

deb: $(BUILD)/etl completions
	@MAKE='$(MAKE)' scripts/deb $(BUILD) $(VERSION)

clean:
	rm -rf $(BUILD)/obj $(BUILD)/tests $(BUILD)/etl $(BUILD)/flags $(BUILD)/files \
		$(BUILD)/*.a

FORCE:
.PHONY: all uninstall deb tests integration-programs chosen-tests unit check-includes install clean bench \
	completions \
	bench-sink FORCE
.DELETE_ON_ERROR:
.SECONDARY:

# 'make V=1' shows the commands
ifdef V
Q =
announce =
else
Q = @
announce = @printf '%-5s %s\n' $(1) $@
endif

-include $(objects:.o=.d) $(test_objects:.o=.d) $(live_objects:.o=.d) $(fake_objects:.o=.d)
