#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# fprctl doctor on machines that are broken in one way each: it names the cause and a remedy, and
# finds nothing else wrong; and on one that is well.
# shellcheck disable=SC2034,SC2154 # what goes to and comes from command.sh and machine.sh
set -u
program=$FPR_BUILD/bin/fprctl silent='2 3'
# shellcheck source=tests/common/command.sh
. tests/common/command.sh
# shellcheck source=tests/common/machine.sh
. tests/common/machine.sh

# A machine whose board FINDING says that it is wrong because of CAUSE, cured by REMEDY; others follow
# from it and may be wrong, too. RESULT: failed unless said otherwise. For the eye and as JSON.
definitions='f = {x["name"]: x for x in r["findings"]}
bad = {n for n, x in f.items() if not x["ok"]}'
ill() { # finding cause remedy [result [others]]
	ends 1 0 doctor
	says "$2"
	says "$3"
	ends 1 0 doctor --json
	json "(r['ok'] is False and f['$1']['result'] == '${4:-failed}' and
		'''$2''' in f['$1']['problem'] and '''$3''' in f['$1']['remedy'] and
		bad <= {'$1', *'${5-}'.split(',')})"
}
noted() { # finding cause remedy: worth telling, and nothing is wrong
	ends 0 0 doctor --json
	json "(r['ok'] and f['$1']['result'] == 'note' and
		'''$2''' in f['$1']['problem'] and '''$3''' in f['$1']['remedy'])"
}

# ---- well --------------------------------------------------------------------

make_machine
ends 0 0 doctor
says "PASSED  PCI link"
ends 0 0 doctor --json
json 'r["ok"] and r["boards"] == 1 and r["passed"] >= 16 and not bad'
json 'f["library"]["result"] == "skipped"'
json 'all(("problem" in x) == (x["result"] != "passed") for x in r["findings"])'
json 'all("remedy" in x for x in r["findings"] if x["result"] not in ("passed", "skipped"))'
ends 0 0 doctor --device 01:00.0
ends 0 0 doctor --device 0
ends 3 1 doctor --device 1
says "no such board '1'"
ends 3 1 doctor --device local
says "'local' is the virtual board in this process"

# ---- the bus -----------------------------------------------------------------

at=sys/bus/pci/devices/$address
rm -rf "${root:?}/$at"
ill 'board on the bus' 'none of 1 PCI functions is a board' '/sys/bus/pci/rescan'
says 'The virtual board (--device local) needs none of this'
ends 3 1 doctor --device 1
says 'no board on the PCI bus; fprctl doctor says more'
put $at/vendor '0x1af4\n'
put $at/device '0x10f0\n'
put $at/subsystem_device '0x1100\n'
ill 'board on the bus' 'another design is loaded' "load fpr's design"
rm -rf "$root/sys/bus"
ill 'board on the bus' 'no PCI bus' 'pass the board through'

make_machine
put $at/current_link_width '1\n'
put $at/current_link_speed '2.5 GT/s PCIe\n'
ill 'PCI link' 'both ends can 16.0 GT/s x8, it runs at 2.5 GT/s x1' 'reseat the board' warning
put $at/current_link_width '0\n'
ill 'PCI link' 'the link is down' 'check seat and power'

make_machine
# A port that can less: its directory is above the function's.
mkdir -p "$root/sys/devices/port"
mv "$root/$at" "$root/sys/devices/port/$address"
ln -s ../../../devices/port/$address "$root/$at"
bind $address fpr
rm -f "$root/$at/driver" "$root/$at/iommu_group"
ln -s ../../../bus/pci/drivers/fpr "$root/$at/driver"
ln -s ../../../kernel/iommu_groups/7 "$root/$at/iommu_group"
put sys/devices/port/max_link_speed '8.0 GT/s PCIe\n'
put sys/devices/port/max_link_width '4\n'
put $at/current_link_width '4\n'
put $at/current_link_speed '8.0 GT/s PCIe\n'
noted 'PCI link' 'the slot can less' 'would be faster'
put $at/current_link_width '2\n'
ill 'PCI link' 'both ends can 8.0 GT/s x4' 'reseat' warning

make_machine
put $at/resource '0x00000000fe000000 0x00000000fe00ffff 0x0000000000040200\n0x0 0x0 0x0\n0x0000000000000000 0x00000003ffffffff 0x000000002014220c\n0x0 0x0 0x0\n0x0 0x0 0x0\n'
ill BARs 'BAR 2 (board memory) has no address' 'Above 4G decoding'
put $at/resource '0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n'
ill BARs 'BAR 0 (registers) has no address' 'pci=realloc'

make_machine
put $at/config '\xf4\x1a\xf0\x10\x02\x04\x10\x00'
ill 'memory and DMA' 'bus mastering is off' '--level rebind'
put $at/config '\xf4\x1a\xf0\x10\x00\x04\x10\x00'
ill 'memory and DMA' 'memory decoding is off' '--level rebind'
put $at/config '\xff\xff\xff\xff\xff\xff\xff\xff'
ill 'memory and DMA' 'reads all ones' 'check seat and power'

make_machine
rm "$root/$at/iommu_group"
noted IOMMU 'no IOMMU stands between' 'intel_iommu=on'

make_machine
put $at/aer_dev_correctable 'RxErr 12\nTOTAL_ERR_COR 12\n'
noted 'PCI errors' 'all of them corrected' 'reseat'
put $at/aer_dev_fatal 'Undefined 0\nTOTAL_ERR_FATAL 2\n'
ill 'PCI errors' 'not corrected' 'reseat' warning

# ---- the kernel and the module -----------------------------------------------

make_machine
unload
put proc/sys/kernel/osrelease '6.1.0-28-amd64\n'
put boot/config-6.1.0-28-amd64 "$(cat "$root/boot/config-$release")\n"
put lib/modules/6.1.0-28-amd64/build/Makefile ''
ill kernel 'needs Linux 6.12 or newer, this is 6.1.0-28-amd64' 'bookworm-backports' failed 'module,driver'
ill module "built for $release, not for the running 6.1.0-28-amd64" 'dkms install fpr/' failed 'kernel,driver'

make_machine
put boot/config-$release 'CONFIG_MODULES=y\nCONFIG_DRM_SCHED=m\n# CONFIG_DRM_ACCEL is not set\nCONFIG_DRM_GEM_SHMEM_HELPER=m\nCONFIG_DRM_EXEC=m\n'
ill 'kernel configuration' 'without CONFIG_DRM_ACCEL' 'boot a kernel that has'
# What the running kernel itself says comes first.
make_machine
unload
rm -r "$root/lib/modules"
sed 's/^CONFIG_MODULES=y/# CONFIG_MODULES is not set/' "$root/boot/config-$release" | gzip >"$root/proc/config.gz"
ill 'kernel configuration' 'without CONFIG_MODULES' 'boot a kernel that has' failed 'module,driver'
ill module 'takes no modules' "see 'kernel conf" failed 'kernel configuration,driver'
json 'f["kernel configuration"]["detail"] == "/proc/config.gz" and f["kernel headers"]["result"] == "skipped"'

make_machine
rm -r "$root/lib/modules/$release/build"
noted 'kernel headers' "no headers of this kernel: /lib/modules/$release/build/Makefile" "linux-headers-$release"
unload
rm -r "$root/lib/modules"
ill 'kernel headers' 'so the module cannot be built' "linux-headers-$release" failed 'module,driver'
ill module 'nowhere below /lib/modules' "see 'kernel headers', then: make driver-install" failed 'kernel headers,driver'

make_machine
unload
ill module 'is there, but not loaded' 'modprobe fpr' failed driver
ill driver 'the module fpr is not loaded' 'modprobe fpr' failed module
put dev/kmsg "5,77,1234,-;fpr: Unknown symbol drm_sched_init (err -2)\n"
ill module 'did not take it: fpr: Unknown symbol drm_sched_init' 'dkms install --force' failed driver
put etc/modprobe.d/local.conf 'blacklist fpr\n'
ill module '/etc/modprobe.d/local.conf keeps the module' 'remove the line' failed driver
rm "$root/etc/modprobe.d/local.conf"
put lib/modules/$release/modules.dep 'kernel/drivers/other.ko:\n'
ill module 'not in modules.dep' 'depmod -a' failed driver
put lib/modules/$release/updates/dkms/fpr.ko 'ELF\0vermagic=6.12.1-other SMP \0'
ill module 'built for 6.12.1-other' 'dkms install --force' failed driver
# DKMS leaves modules packed as the kernel's own are.
for pack in gzip xz 'zstd -q --rm'; do
	put lib/modules/$release/updates/dkms/fpr.ko 'ELF\0vermagic=6.12.1-other SMP \0'
	$pack "$root/lib/modules/$release/updates/dkms/fpr.ko" || complain "$pack fails"
	ill module 'built for 6.12.1-other' 'dkms install --force' failed driver
	rm "$root/lib/modules/$release/updates/dkms/"*
done
rm -r "$root/lib/modules/$release/updates"
ill module 'nowhere below /lib/modules' 'make driver-install' failed driver
put "usr/src/fpr-$("$program" --version | cut -d' ' -f2)/dkms.conf" ''
ill module 'its source is in /usr/src/fpr-' 'dkms install' failed driver

make_machine
unload
put sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c '\x06\x00\x00\x00\x01'
put sys/kernel/security/lockdown 'none [integrity] confidentiality\n'
ko=lib/modules/$release/updates/dkms/fpr.ko
for pack in true 'xz -f'; do
	put $ko "ELF\0vermagic=$release SMP \0"
	$pack "$root/$ko"
	put dev/kmsg ''
	ill 'module signature' 'the kernel is locked down, and /lib/modules' 'mokutil --import' failed 'module,driver'
	put $ko "ELF\0vermagic=$release SMP \0~Module signature appended~\n"
	$pack "$root/$ko"
	put dev/kmsg '5,77,1234,-;Loading of module with unavailable key is rejected\n'
	ill 'module signature' 'not known to the firmware' 'mokutil --import' failed 'module,driver'
done
# The log says so also where nothing unpacks the module; without either nothing is known.
without_xz() { PATH=$dir/nothing "$FPR_BUILD/bin/fprctl" "$@"; }
program=without_xz
ill 'module signature' 'not known to the firmware' 'mokutil --import' failed 'module,driver'
put dev/kmsg ''
ends 1 0 doctor --json
json 'f["module signature"]["result"] == "skipped" and "fpr.ko.xz cannot be unpacked" in f["module signature"]["problem"]'
program=$FPR_BUILD/bin/fprctl
put $ko.xz 'cut off'
ends 1 0 doctor --json
json 'f["module signature"]["result"] == "skipped"'

# ---- the driver --------------------------------------------------------------

make_machine
unbind $address
ill driver 'unbound, or the driver refused it' '/sys/bus/pci/drivers/fpr/bind'
put dev/kmsg "3,78,1234,-;fpr $address: board contract 2.0, this driver knows 1.x: update the older\n"
register $address 4 '\x00\x00\x02\x00'
ill driver 'board contract 2.0, this driver knows 1.x' '/bind' failed contract
ill contract 'the board keeps to contract 2.x' 'newer version' failed driver
register $address 0 '\xff\xff\xff\xff'
ill contract 'its registers read all ones' 'reset the slot' failed driver
register $address 0 '\x00\x00\x00\x00'
ill contract 'reads 0x00000000, not 0x52504621' "load fpr's design" failed driver
put $at/driver_override 'vfio-pci\n'
ill driver 'driver_override keeps it for vfio-pci' 'driver_override' failed contract
bind $address vfio-pci
ill driver 'vfio-pci serves it, not fpr' "drivers/vfio-pci/unbind" failed contract

make_machine
rm -r "$root/dev/accel"
ill 'device node' 'there is no /dev/accel/accel0' 'start udev'
make_machine
put $at/state 'wedged\n'
put dev/kmsg "3,79,1234,-;fpr $address: [drm] *ERROR* no heartbeat, and resets do not help: unbind\n"
ill state 'no heartbeat, and resets do not help' '--level rebind'
put $at/state 'gone\n'
ill state 'does not answer any more' '/sys/bus/pci/rescan'
put $at/state 'running\n'
put $at/resets '3\n'
noted resets 'hung or was reset' 'fprctl dump'
put $at/lost_interrupts '4\n'
ill interrupts 'without an interrupt' 'irq=msi' warning
put $at/lost_interrupts '0\n'
put $at/hwmon/hwmon3/temp1_input '101500\n'
ill temperature 'the board is hot' 'fan' warning

# ---- permissions, as somebody else -------------------------------------------

make_machine
if [ "$(id -u)" -eq 0 ]; then
	chgrp 0 "$root/dev/accel/accel0"
	chmod 600 "$root/dev/accel/accel0"
	ill 'device node' 'nobody but root may open it' '60-fpr.rules' warning
	install -d -m 755 "$dir/bin" "$dir/lib"
	cp "$FPR_BUILD/bin/fprctl" "$dir/bin" && cp "$FPR_BUILD"/lib/libfpr.so.1 "$dir/lib"
	chmod -R a+rX "$dir"
	path=$dir
	while [ "$path" != / ]; do chmod a+x "$path"; path=$(dirname "$path"); done 2>/dev/null
	# A sanitizer's library, or an own one, is where it was.
	cat >"$dir/other" <<-EOF
		#!/bin/sh
		exec setpriv --reuid=65533 --regid=65533 --clear-groups "$dir/bin/fprctl" "\$@"
	EOF
	chmod 755 "$dir/other"
	program=$dir/other
	chmod 600 "$root/dev/kmsg"
	ill 'device node' 'only root may open it' '60-fpr.rules' failed
	chgrp 65534 "$root/dev/accel/accel0"
	chmod 660 "$root/dev/accel/accel0"
	json 'f["kernel log"]["result"] == "skipped" and "takes root" in f["kernel log"]["problem"]'
	ill 'device node' '65533 is not of group render' 'usermod -aG render 65533' failed
	put etc/group 'root:x:0:\nrender:x:65534:ann,65533\n'
	ill 'device node' 'this login is older than that' 'log out and in again' failed
	program=$FPR_BUILD/bin/fprctl
fi

# ---- OpenCL ------------------------------------------------------------------

make_machine
rm "$root/usr/lib/libfpr_opencl.so.1"
ill OpenCL 'names libfpr_opencl.so.1, which does not load' 'install-opencl && ldconfig' warning
rm "$root/etc/OpenCL/vendors/fpr.icd"
noted OpenCL 'OpenCL programs do not see boards' 'make install-libraries install-opencl'

# ---- two boards, one of them ill ----------------------------------------------

make_machine
add_board 0000:02:00.0 1
put sys/bus/pci/devices/0000:02:00.0/state 'wedged\n'
ends 1 0 doctor --json
json 'r["boards"] == 2 and [x["board"] for x in r["findings"] if not x["ok"]] == ["0000:02:00.0"]'
ends 0 0 doctor --device 0
ends 1 0 doctor --device accel1
ends 1 0 doctor --device 0000:02:00.0
FPR_SYSROOT=$dir/nowhere ends 2 1 doctor
says "FPR_SYSROOT: $dir/nowhere is no directory"
exit $failed
