# SPDX-License-Identifier: MIT
#
# make install, uninstall and deb; tools/install/README.md says what goes where. The Makefile
# includes this.

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
LIBEXECDIR ?= $(PREFIX)/libexec
INCLUDEDIR ?= $(PREFIX)/include
DATADIR    ?= $(PREFIX)/share
MANDIR     ?= $(DATADIR)/man
PYTHONDIR  ?= $(shell $(PYTHON) tools/install/python-dir $(PREFIX))
# The ICD loader and the system's daemons look below / alone. A PREFIX of the system's means all of
# it; below any other nothing outside of it is touched that was not asked for by its name.
is_system  := $(filter /usr /usr/local,$(PREFIX:%/=%))
SYSCONFDIR ?= $(if $(is_system),/etc,$(PREFIX)/etc)

install_libs    := $(lib_so) $(sync_so) $(bridge_so)
install_bins    := $(fprctl) $(fprnet) $(fpr_board)
install_headers := $(wildcard lib/fpr*.h) hw/include/fpr_gemm.h hw/include/fpr_geometry.h \
		   $(if $(mpi),lib/sync/fpr_sync.h lib/sync/fpr_sync_core.h lib/sync/board/fpr_sync_board.h)
install_pcs     := lib/fpr.pc $(if $(mpi),lib/sync/fprsync.pc lib/sync/board/fprsync-board.pc)
install_pages   := $(wildcard $(patsubst %,%/*.[1-9],lib/man driver hw/board/server \
		   tools/fprctl tools/fprnet tools/fprtrain))

.PHONY: install install-check install-left-out install-programs install-libraries install-opencl install-pages install-python uninstall deb

install_parts := install-programs install-libraries $(if $(opencl),install-opencl) install-pages install-python \
		 $(if $(is_system),driver-install,install-left-out)
install_dirs   = $(addprefix $(DESTDIR),$(BINDIR) $(LIBDIR) $(LIBEXECDIR) $(INCLUDEDIR) $(DATADIR) $(MANDIR) $(PYTHONDIR) \
		 $(if $(opencl),$(SYSCONFDIR)/OpenCL/vendors)) $(if $(is_system),$(dkms_dir) $(dir $(udev_rule) $(modules_load)))

install: install-check
	$(Q)$(MAKE) --no-print-directory $(install_parts)

install-check:
	$(Q)tools/install/check $(install_dirs)

install-left-out:
	@echo "  left out, as it has one place only, outside of $(PREFIX):"
	@echo "    the driver and its rules       as root: make driver-install"
	@$(if $(opencl),echo "    OpenCL's list of drivers       OCL_ICD_VENDORS=$(SYSCONFDIR)/OpenCL/vendors or"; \
		echo "                                   as root: install -m 644 -Dt /etc/OpenCL/vendors $(SYSCONFDIR)/OpenCL/vendors/fpr.icd",:)

install-programs: programs
	$(call say,INSTALL,$(DESTDIR)$(BINDIR))
	$(Q)install -d $(DESTDIR)$(BINDIR)
	$(Q)install $(install_bins) $(DESTDIR)$(BINDIR)
	$(Q)$(if $(mpi),install -D $(fprnet_rank) $(DESTDIR)$(LIBEXECDIR)/fpr/$(notdir $(fprnet_rank)))
	$(Q)for tool in fprctl fprnet; do install -D -m 644 tools/$$tool/$$tool.schema.json \
		$(DESTDIR)$(DATADIR)/$$tool/$$tool.schema.json || exit 1; done
	$(Q)install -D tools/fprnet/launch-agent $(DESTDIR)$(DATADIR)/fprnet/launch-agent
	$(Q)install -m 644 tools/fprnet/plot.py $(DESTDIR)$(DATADIR)/fprnet
	$(Q)install -d $(DESTDIR)$(DATADIR)/fprnet/models
	$(Q)install -m 644 tools/fprnet/models/* $(DESTDIR)$(DATADIR)/fprnet/models
	$(Q)for file in tools/fprctl/fprctl tools/fprnet/fprnet tools/fprtrain/fprtrain hw/board/server/fpr-board; do \
		install -D -m 644 $$file.bash \
			$(DESTDIR)$(DATADIR)/bash-completion/completions/$${file##*/} || exit 1; done

# Each library is its file with the version of its interface, and a link for the linker.
install-libraries: programs
	$(call say,INSTALL,$(DESTDIR)$(LIBDIR))
	$(Q)install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/drm
	$(Q)install -m 644 $(install_libs:=.1) $(DESTDIR)$(LIBDIR)
	$(Q)for so in $(notdir $(install_libs)); do ln -sf $$so.1 $(DESTDIR)$(LIBDIR)/$$so || exit 1; done
	$(Q)install -m 644 $(install_headers) $(DESTDIR)$(INCLUDEDIR)
	$(Q)install -m 644 driver/uapi/fpr_accel.h $(DESTDIR)$(INCLUDEDIR)/drm
	$(Q)for pc in $(install_pcs); do \
		sed 's,@PREFIX@,$(PREFIX),; s,@INCLUDEDIR@,$(INCLUDEDIR),; s,@LIBDIR@,$(LIBDIR),; s,@VERSION@,$(version),' \
			$$pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/$${pc##*/} || exit 1; done

# A full path is found wherever the ICD loader reads it.
install-opencl: programs
	$(call say,INSTALL,$(DESTDIR)$(SYSCONFDIR)/OpenCL/vendors/fpr.icd)
	$(Q)install -d $(DESTDIR)$(LIBDIR) $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(SYSCONFDIR)/OpenCL/vendors
	$(Q)install -m 644 $(opencl_so).1 $(DESTDIR)$(LIBDIR)
	$(Q)install -m 644 lib/opencl/cl_fpr.h $(DESTDIR)$(INCLUDEDIR)
	$(Q)echo $(LIBDIR)/libfpr_opencl.so.1 >$(DESTDIR)$(SYSCONFDIR)/OpenCL/vendors/fpr.icd

# A page of section 3 is found under the name of each of its functions, too.
install-pages:
	$(call say,INSTALL,$(DESTDIR)$(MANDIR))
	$(Q)for page in $(install_pages); do install -D -m 644 $$page \
		$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/} || exit 1; done
	$(Q)for page in lib/man/*.3; do \
		for name in $$(sed -n 's/^\.Fn \([a-z0-9_]*\).*/\1/p' $$page | sort -u); do \
			echo ".so man3/$${page##*/}" >$(DESTDIR)$(MANDIR)/man3/$$name.3 || exit 1; done; done

# fprtrain finds the bindings beside it, whether or not Python looks where they are.
install-python:
	$(call say,INSTALL,$(DESTDIR)$(PYTHONDIR))
	$(Q)install -d $(DESTDIR)$(PYTHONDIR) $(DESTDIR)$(DATADIR)/fpr/fprtrain $(DESTDIR)$(BINDIR)
	$(Q)install -m 644 lib/python/*.py $(DESTDIR)$(PYTHONDIR)
	$(Q)install -m 644 tools/fprtrain/*.py tools/fprtrain/fonts.list $(DESTDIR)$(DATADIR)/fpr/fprtrain
	$(Q)install tools/fprtrain/fprtrain $(DESTDIR)$(DATADIR)/fpr/fprtrain
	$(Q)ln -sf $$(realpath -ms --relative-to=$(BINDIR) $(DATADIR)/fpr/fprtrain/fprtrain) $(DESTDIR)$(BINDIR)/fprtrain
	$(Q)for module in $(notdir $(wildcard lib/python/*.py)); do \
		ln -sf $$(realpath -ms --relative-to=$(DATADIR)/fpr $(PYTHONDIR)/$$module) $(DESTDIR)$(DATADIR)/fpr || exit 1; done

# What an install with the same variables would put there.
uninstall:
	$(Q)list=$$(mktemp -d) && trap 'rm -rf "$$list"' EXIT && \
		$(MAKE) --no-print-directory -s install DESTDIR="$$list" >/dev/null && \
		(cd "$$list" && find . ! -type d -print0) | (cd $(or $(DESTDIR),/) && xargs -0 rm -f) && \
		(cd "$$list" && find . -depth -type d -path '*fpr*' -print0) | \
			(cd $(or $(DESTDIR),/) && xargs -0 rmdir --ignore-fail-on-non-empty 2>/dev/null; true)

# Debian packages of this tree, in $(BUILD)/deb.
deb_tree = $(BUILD)/deb/fpr-$(version)
deb:
	$(Q)rm -rf $(BUILD)/deb
	$(Q)mkdir -p $(deb_tree)
	$(Q)cp -a hw driver lib tools tests Kbuild Makefile README.md LICENSE-* $(deb_tree)
	$(Q)cp -a tools/install/debian $(deb_tree)
	$(call say,DEB,$(deb_tree))
	$(Q)cd $(deb_tree) && dpkg-buildpackage -us -uc -b >../build.log 2>&1 || { tail -n 40 ../build.log; exit 1; }
	$(Q)rm -rf $(deb_tree)
	$(Q)ls $(BUILD)/deb/*.deb
