// Where an SVA platform has its structures. Each SMMU has a window of host memory for its own, of
// which those named here are the first. Guests see their memory at PA - guest_offset; each has
// a part of the guest's address range to itself, so that one offset serves all.
#pragma once

#include <cstdint>

#include "platforms/address_spaces.h"
#include "tlm/cpu/core_tlb.h"

namespace svasim::platforms::sva_layout {

// Host memory (PA).
constexpr std::uint64_t pri_queue = 0x700003000000;
constexpr std::uint64_t sync_words = 0x700004000000;
constexpr std::uint64_t fault_rings = 0x700005000000;       // 16 MiB a guest
constexpr std::uint64_t response_regions = 0x700001800000;  // 4 KiB a guest
constexpr std::uint64_t ecmdq_rings = 0x700200000000;       // 16 MiB a queue
constexpr std::uint64_t next_smmu = 0x1000000000;           // also of its registers
constexpr std::uint64_t host_frames = 0x200000000000;
constexpr std::uint64_t host_frame_count = 1ull << 28;
constexpr std::uint64_t per_guest = 1ull << 24;
// Between frames and queues lie the leaf descriptors of the CPUs' own tables, at home in the first
// socket like all of the kernel's.
static_assert(host_frames + (host_frame_count << 12) <= cpu::core_tlbs::tables);
static_assert(cpu::core_tlbs::tables_end <= 0x700000000000);
constexpr std::uint64_t most_guests = 256;

constexpr std::uint32_t first_function = 0x100;  // RequesterID of the first VM's device

// Device window (PA).
constexpr std::uint64_t smmu_registers = 0x9050000;
constexpr std::uint64_t smmu_register_bytes = 0x30000;
constexpr std::uint64_t ecmdq_registers = 0x20000;  // 16 bytes a queue
constexpr std::uint32_t ecmdq_enable = 1u << 31;
constexpr std::uint64_t own_queue_registers = 0x9100000;  // 64 KiB a guest and SMMU

// Guest memory (IPA), 4 TiB a guest for frames, 16 MiB for rings.
constexpr std::uint64_t guest_rings = 0x4000000000;
constexpr std::uint64_t ring_requests = 0x000000, ring_events = 0x100000, ring_buffers = 0x200000,
                        ring_commands = 0x400000, ring_own_commands = 0x800000,
                        ring_pages = 0xc00000, ring_syncs = 0xf00000;
constexpr std::uint64_t guest_frames = 0x1000000000;
// Registers a guest sees (IPA); of further emulated SMMUs 4 GiB on.
constexpr std::uint64_t next_guest_smmu = 1ull << 32;
constexpr std::uint64_t guest_smmu = 0x9050000;
constexpr std::uint64_t guest_own_queue = 0x9100000;
constexpr std::uint64_t guest_kicks = 0xa000000;

}  // namespace svasim::platforms::sva_layout
