// (In the kernels, `unroll 1` keeps GCC from unrolling a loop and then gathering all its products before the sums,
// which spills every register.)
// Opens a region whose functions may use the instructions named in ATTUNE_TARGET, whatever the compiler's flags.
// Close it with target_end.h. MSVC needs no region.
#if defined(__clang__)
#define ATTUNE_PRAGMA_(x) _Pragma(#x)
#define ATTUNE_PRAGMA(x) ATTUNE_PRAGMA_(x)
ATTUNE_PRAGMA(clang attribute push(__attribute__((target(ATTUNE_TARGET))), apply_to = function))
#elif defined(__GNUC__)
#define ATTUNE_PRAGMA_(x) _Pragma(#x)
#define ATTUNE_PRAGMA(x) ATTUNE_PRAGMA_(x)
ATTUNE_PRAGMA(GCC push_options)
ATTUNE_PRAGMA(GCC target(ATTUNE_TARGET))
#endif
