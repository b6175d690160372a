# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Files of machines with boards, made up for FPR_SYSROOT; sourced. What is in them is what
# Linux 6.12 shows of a board behind the driver, and of a board that is well. $dir is the test's.
# shellcheck disable=SC2154

release=6.12.95-test
address=0000:01:00.0

put() { # path text: below $root
	[ -d "$root/${1%/*}" ] || mkdir -p "$root/${1%/*}"
	printf '%b' "$2" >"$root/$1"
}

# A board: address, then the number of its node.
add_board() {
	local at=sys/bus/pci/devices/$1
	put "$at/vendor" '0x1af4\n'
	put "$at/device" '0x10f0\n'
	put "$at/subsystem_vendor" '0x1af4\n'
	put "$at/subsystem_device" '0x4650\n'
	put "$at/current_link_speed" '16.0 GT/s PCIe\n'
	put "$at/max_link_speed" '16.0 GT/s PCIe\n'
	put "$at/current_link_width" '8\n'
	put "$at/max_link_width" '8\n'
	put "$at/resource" '0x00000000fe000000 0x00000000fe00ffff 0x0000000000040200\n0x0 0x0 0x0\n0x0000000800000000 0x0000000803ffffff 0x000000000014220c\n0x0 0x0 0x0\n0x00000000fe010000 0x00000000fe010fff 0x0000000000040200\n'
	put "$at/config" '\xf4\x1a\xf0\x10\x06\x04\x10\x00\x00\x00\x00\x12'
	truncate -s 64 "$root/$at/config"
	truncate -s 65536 "$root/$at/resource0"
	register "$1" 0 '\x21\x46\x50\x52'
	register "$1" 4 '\x01\x00\x01\x00'
	register "$1" 68 '\x01\x00\x00\x00'
	put "$at/aer_dev_correctable" 'RxErr 0\nTOTAL_ERR_COR 0\n'
	put "$at/aer_dev_nonfatal" 'Undefined 0\nTOTAL_ERR_NONFATAL 0\n'
	put "$at/aer_dev_fatal" 'Undefined 0\nTOTAL_ERR_FATAL 0\n'
	mkdir -p "$root/sys/kernel/iommu_groups/7"
	put sys/kernel/iommu_groups/7/type 'DMA-FQ\n'
	ln -s ../../../../kernel/iommu_groups/7 "$root/$at/iommu_group"
	bind "$1" fpr
	put "$at/accel/accel$2/uevent" ''
	put "$at/contract" '1.1\n'
	put "$at/state" 'running\n'
	put "$at/resets" '0\n'
	put "$at/lost_interrupts" '0\n'
	put "$at/memory_bytes" '67108864\n'
	put "$at/memory_free_bytes" '67108864\n'
	put "$at/hwmon/hwmon3/temp1_input" '40000\n'
	put "dev/accel/accel$2" ''
	chmod 660 "$root/dev/accel/accel$2"
	chgrp 65534 "$root/dev/accel/accel$2" 2>/dev/null
}

register() { # address offset bytes
	printf '%b' "$3" | dd of="$root/sys/bus/pci/devices/$1/resource0" bs=1 seek="$2" conv=notrunc status=none
}

bind() { # address driver
	rm -f "$root/sys/bus/pci/devices/$1/driver"
	mkdir -p "$root/sys/bus/pci/drivers/$2"
	ln -s "../../drivers/$2" "$root/sys/bus/pci/devices/$1/driver"
}

unbind() { # address: as if it had never been bound
	local at=$root/sys/bus/pci/devices/$1
	rm -rf "$at/driver" "$at/accel" "$at/state" "$at/resets" "$at/lost_interrupts" \
		"$at/contract" "$at/hwmon" "$at/memory_bytes" "$at/memory_free_bytes" "$root/dev/accel"
}

unload() {
	rm -rf "$root/sys/module/fpr"
	unbind $address
}

# Everything is well: $root gets a machine with one board.
make_machine() {
	root=$dir/machine
	rm -rf "$root"
	export FPR_SYSROOT=$root
	if [ -d "$dir/well" ]; then
		cp -a "$dir/well" "$root"
		return
	fi
	mkdir -p "$root"
	put proc/sys/kernel/osrelease "$release\n"
	put boot/config-$release 'CONFIG_MODULES=y\nCONFIG_DRM_ACCEL=y\nCONFIG_DRM_SCHED=m\nCONFIG_DRM_GEM_SHMEM_HELPER=m\nCONFIG_DRM_EXEC=m\nCONFIG_DEBUG_FS=y\nCONFIG_DEV_COREDUMP=y\nCONFIG_PCIEAER=y\nCONFIG_HWMON=y\n'
	put lib/modules/$release/updates/dkms/fpr.ko "ELF\0vermagic=$release SMP preempt mod_unload \0~Module signature appended~\n"
	put lib/modules/$release/build/Makefile ''
	put lib/modules/$release/modules.dep 'updates/dkms/fpr.ko:\nx/fpr.ko:\n'
	put sys/module/fpr/refcnt '0\n'
	put sys/kernel/security/lockdown '[none] integrity confidentiality\n'
	put sys/module/module/parameters/sig_enforce 'N\n'
	put sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c '\x06\x00\x00\x00\x00'
	put etc/group 'root:x:0:\nrender:x:65534:ann,nobody\n'
	put etc/OpenCL/vendors/fpr.icd 'libfpr_opencl.so.1\n'
	put usr/lib/libfpr_opencl.so.1 ''
	put dev/kmsg ''
	put sys/bus/pci/devices/0000:00:00.0/vendor '0x8086\n'
	add_board $address 0
	cp -a "$root" "$dir/well"
}
