/* A stand-in for libnvidia-ml.so.1, driven by a small INI file.
 *
 * NVML_STUB_CONF names the file. It is read again on every call, so a test can
 * change the hardware while a program watches it. A [gpuN] section wins over
 * [gpu]. In [system]: count, driver, nvml, cuda, init_error, xid, xid_gpu, hang
 * (the name of a function that never returns while the name stands there). In
 * [gpu]: a figure for each fact; error (every call on the card answers it);
 * handle_error (opening the card answers it); unsupported (function names, or
 * "all"). A fact that is absent is answered with "not supported".
 *
 * Compile with -DOLD_DRIVER to leave out the functions of newer drivers.
 * Struct layouts and codes: nvml.h of the NVIDIA management library.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OK = 0, BAD_ARGUMENT = 2, UNSUPPORTED = 3, NOT_FOUND = 6, TOO_SMALL = 7,
       TIMEOUT = 10 };
enum { MAX_GPUS = 16, MAX_SLICES = 7, TEXT = 256 };

typedef int ret_t;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef struct { int gpu; int slice; } device_t;
typedef struct { u64 total, free, used; } memory_t;
typedef struct { u32 gpu, memory; } utilization_t;
typedef struct { u32 pid; u64 used; u32 gpu_instance, compute_instance; } process_t;
typedef struct {
    char legacy[16];
    u32 domain, bus, device, device_id, subsystem_id;
    char bus_id[32];
} pci_t;
typedef struct { device_t *device; u64 type, data; u32 gi, ci; } event_t;

static device_t devices[MAX_GPUS];
static device_t slices[MAX_GPUS][MAX_SLICES];
static int last_xid;

static int in_section(const char *line, const char *section) {
    size_t length = strlen(section);
    return strncmp(line + 1, section, length) == 0 && line[1 + length] == ']';
}

static int look_in(const char *section, const char *key, char *out) {
    FILE *file = fopen(getenv("NVML_STUB_CONF") ? getenv("NVML_STUB_CONF") : "", "r");
    char line[TEXT * 4];
    int inside = 0, found = 0;
    if (!file) return 0;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        if (line[0] == '[') { inside = in_section(line, section); continue; }
        char *equals = strchr(line, '=');
        if (!inside || !equals) continue;
        *equals = 0;
        if (strcmp(line, key)) continue;
        snprintf(out, TEXT, "%s", equals + 1);
        found = 1;
    }
    fclose(file);
    return found;
}

static int look(int gpu, const char *key, char *out) {
    char section[32];
    snprintf(section, sizeof section, "gpu%d", gpu);
    return look_in(section, key, out) || look_in("gpu", key, out);
}

static long long number(const char *section, const char *key, long long other) {
    char text[TEXT];
    return look_in(section, key, text) ? atoll(text) : other;
}

static int listed(const char *list, const char *name) {
    const char *at = strstr(list, name);
    char after = at ? at[strlen(name)] : 0;
    return at && (after == 0 || after == ' ');
}

static void maybe_hang(const char *function) {
    char text[TEXT];
    while (look_in("system", "hang", text) && !strcmp(text, function)) usleep(20000);
}

static ret_t enter(const device_t *device, const char *function) {
    char text[TEXT];
    maybe_hang(function);
    if (!device) return BAD_ARGUMENT;
    if (look(device->gpu, "error", text) && atoi(text)) return atoi(text);
    if (look(device->gpu, "unsupported", text) &&
        (!strcmp(text, "all") || listed(text, function))) return UNSUPPORTED;
    return OK;
}

static ret_t give(const device_t *device, const char *function, const char *key,
                  long long *out) {
    char text[TEXT];
    ret_t status = enter(device, function);
    if (status) return status;
    if (!look(device->gpu, key, text)) return UNSUPPORTED;
    *out = atoll(text);
    return OK;
}

static ret_t give_text(const device_t *device, const char *function, const char *key,
                       char *out, u32 length) {
    char text[TEXT];
    ret_t status = enter(device, function);
    if (status) return status;
    if (!look(device->gpu, key, text)) return UNSUPPORTED;
    snprintf(out, length, "%s", text);
    return OK;
}

#define NUMBER(NAME, KEY, TYPE, SCALE)                                            \
    ret_t NAME(device_t *device, TYPE *out) {                                     \
        long long value = 0;                                                      \
        ret_t status = give(device, #NAME, KEY, &value);                          \
        if (status == OK) *out = (TYPE)(value * (SCALE));                         \
        return status;                                                            \
    }
#define NUMBER_OF_KIND(NAME, KEYS, TYPE)                                          \
    ret_t NAME(device_t *device, u32 kind, TYPE *out) {                           \
        static const char *const keys[] = KEYS;                                   \
        long long value = 0;                                                      \
        if (kind >= sizeof keys / sizeof *keys) return UNSUPPORTED;               \
        ret_t status = give(device, #NAME, keys[kind], &value);                   \
        if (status == OK) *out = (TYPE)value;                                     \
        return status;                                                            \
    }
#define LIST(...) { __VA_ARGS__ }

ret_t nvmlInitWithFlags(u32 flags) {
    (void)flags;
    maybe_hang("nvmlInitWithFlags");
    return (ret_t)number("system", "init_error", OK);
}
ret_t nvmlShutdown(void) { return OK; }
const char *nvmlErrorString(ret_t code) {
    static char text[32];
    snprintf(text, sizeof text, "stub error %d", code);
    return text;
}

static ret_t system_text(const char *key, char *out, u32 length) {
    char text[TEXT];
    if (!look_in("system", key, text)) return UNSUPPORTED;
    snprintf(out, length, "%s", text);
    return OK;
}
ret_t nvmlSystemGetDriverVersion(char *out, u32 length) {
    return system_text("driver", out, length);
}
ret_t nvmlSystemGetNVMLVersion(char *out, u32 length) {
    return system_text("nvml", out, length);
}
ret_t nvmlSystemGetCudaDriverVersion(int *out) {
    *out = (int)number("system", "cuda", 0);
    return *out ? OK : UNSUPPORTED;
}

ret_t nvmlDeviceGetCount_v2(u32 *count) {
    maybe_hang("nvmlDeviceGetCount_v2");
    *count = (u32)number("system", "count", 0);
    return OK;
}
ret_t nvmlDeviceGetHandleByIndex_v2(u32 index, device_t **out) {
    char text[TEXT];
    if (index >= MAX_GPUS) return BAD_ARGUMENT;
    if (look((int)index, "handle_error", text) && atoi(text)) return atoi(text);
    devices[index].gpu = (int)index;
    devices[index].slice = -1;
    *out = &devices[index];
    return OK;
}

ret_t nvmlDeviceGetName(device_t *device, char *out, u32 length) {
    return give_text(device, "nvmlDeviceGetName", "name", out, length);
}
ret_t nvmlDeviceGetSerial(device_t *device, char *out, u32 length) {
    return give_text(device, "nvmlDeviceGetSerial", "serial", out, length);
}
ret_t nvmlDeviceGetUUID(device_t *device, char *out, u32 length) {
    char uuid[TEXT];
    ret_t status = give_text(device, "nvmlDeviceGetUUID", "uuid", uuid, TEXT);
    if (status) return status;
    if (device->slice < 0) snprintf(out, length, "%s", uuid);
    else snprintf(out, length, "MIG-%s-%d", uuid, device->slice);
    return OK;
}
ret_t nvmlDeviceGetPciInfo_v3(device_t *device, pci_t *out) {
    memset(out, 0, sizeof *out);
    return give_text(device, "nvmlDeviceGetPciInfo_v3", "bus_id", out->bus_id, 32);
}
ret_t nvmlDeviceGetMemoryInfo(device_t *device, memory_t *out) {
    long long total = 0, used = 0;
    ret_t status = give(device, "nvmlDeviceGetMemoryInfo", "mem_total_mb", &total);
    if (status) return status;
    give(device, "nvmlDeviceGetMemoryInfo", "mem_used_mb", &used);
    out->total = (u64)total << 20;
    out->used = (u64)used << 20;
    out->free = out->total - out->used;
    return OK;
}
ret_t nvmlDeviceGetUtilizationRates(device_t *device, utilization_t *out) {
    long long mig = 0, gpu = 0, memory = 0;
    ret_t status = give(device, "nvmlDeviceGetUtilizationRates", "util_gpu", &gpu);
    if (status) return status;
    if (give(device, "nvmlDeviceGetMigMode", "mig", &mig) == OK && mig)
        return UNSUPPORTED;
    give(device, "nvmlDeviceGetUtilizationRates", "util_mem", &memory);
    out->gpu = (u32)gpu;
    out->memory = (u32)memory;
    return OK;
}

NUMBER_OF_KIND(nvmlDeviceGetTemperature, LIST("temp"), u32)
NUMBER_OF_KIND(nvmlDeviceGetTemperatureThreshold,
               LIST("temp_shutdown", "temp_slowdown"), u32)
NUMBER(nvmlDeviceGetFanSpeed, "fan", u32, 1)
NUMBER(nvmlDeviceGetPowerUsage, "power_w", u32, 1000)
NUMBER(nvmlDeviceGetEnforcedPowerLimit, "power_limit_w", u32, 1000)
NUMBER_OF_KIND(nvmlDeviceGetClockInfo,
               LIST("clock_graphics", "clock_sm", "clock_mem"), u32)
NUMBER_OF_KIND(nvmlDeviceGetMaxClockInfo,
               LIST("clock_graphics_max", "clock_sm_max", "clock_mem_max"), u32)
NUMBER(nvmlDeviceGetPerformanceState, "pstate", u32, 1)
NUMBER(nvmlDeviceGetCurrPcieLinkGeneration, "pcie_gen", u32, 1)
NUMBER(nvmlDeviceGetMaxPcieLinkGeneration, "pcie_gen_max", u32, 1)
NUMBER(nvmlDeviceGetCurrPcieLinkWidth, "pcie_width", u32, 1)
NUMBER(nvmlDeviceGetMaxPcieLinkWidth, "pcie_width_max", u32, 1)
NUMBER(nvmlDeviceGetPcieReplayCounter, "pcie_replays", u32, 1)
NUMBER(nvmlDeviceGetPersistenceMode, "persistence", u32, 1)
NUMBER(nvmlDeviceGetCurrentClocksThrottleReasons, "throttle", u64, 1)
#ifndef OLD_DRIVER
NUMBER(nvmlDeviceGetCurrentClocksEventReasons, "throttle", u64, 1)

ret_t nvmlDeviceGetRemappedRows(device_t *device, u32 *corrected, u32 *uncorrected,
                                u32 *pending, u32 *failed) {
    long long value[4] = {0};
    static const char *const keys[] = {"remap_corrected", "remap_uncorrected",
                                       "remap_pending", "remap_failed"};
    for (int i = 0; i < 4; i++) {
        ret_t status = give(device, "nvmlDeviceGetRemappedRows", keys[i], &value[i]);
        if (status) return status;
    }
    *corrected = (u32)value[0];
    *uncorrected = (u32)value[1];
    *pending = (u32)value[2];
    *failed = (u32)value[3];
    return OK;
}
#endif

static ret_t pair(device_t *device, const char *function, const char *key, u32 *now,
                  u32 *pending) {
    long long value = 0;
    ret_t status = give(device, function, key, &value);
    if (status == OK) *now = *pending = (u32)value;
    return status;
}
ret_t nvmlDeviceGetEccMode(device_t *device, u32 *now, u32 *pending) {
    return pair(device, "nvmlDeviceGetEccMode", "ecc", now, pending);
}
ret_t nvmlDeviceGetMigMode(device_t *device, u32 *now, u32 *pending) {
    return pair(device, "nvmlDeviceGetMigMode", "mig", now, pending);
}
ret_t nvmlDeviceGetTotalEccErrors(device_t *device, u32 kind, u32 counter, u64 *out) {
    long long value = 0;
    const char *key = kind ? "ecc_uncorrected" : "ecc_corrected";
    (void)counter;
    ret_t status = give(device, "nvmlDeviceGetTotalEccErrors", key, &value);
    if (status == OK) *out = (u64)value;
    return status;
}
ret_t nvmlDeviceGetCudaComputeCapability(device_t *device, int *major, int *minor) {
    long long value = 0;
    ret_t status = give(device, "nvmlDeviceGetCudaComputeCapability", "cc", &value);
    if (status == OK) *major = (int)value / 10, *minor = (int)value % 10;
    return status;
}
ret_t nvmlDeviceGetComputeRunningProcesses_v3(device_t *device, u32 *count,
                                              process_t *out) {
    long long pid = 0, used = 0;
    const char *name = "nvmlDeviceGetComputeRunningProcesses_v3";
    ret_t status = give(device, name, "process_pid", &pid);
    if (status) return status;
    if (!pid) { *count = 0; return OK; }
    if (*count < 1 || !out) { *count = 1; return TOO_SMALL; }
    memset(out, 0, sizeof *out);
    out->pid = (u32)pid;
    out->used = give(device, name, "process_mem_mb", &used) ? ~0ULL : (u64)used << 20;
    *count = 1;
    return OK;
}

NUMBER(nvmlDeviceGetMaxMigDeviceCount, "mig_slots", u32, 1)
ret_t nvmlDeviceGetMigDeviceHandleByIndex(device_t *device, u32 index,
                                          device_t **out) {
    long long used = 0;
    ret_t status =
        give(device, "nvmlDeviceGetMigDeviceHandleByIndex", "mig_slices", &used);
    if (status) return status;
    if (index >= MAX_SLICES || (long long)index >= used) return NOT_FOUND;
    slices[device->gpu][index].gpu = device->gpu;
    slices[device->gpu][index].slice = (int)index;
    *out = &slices[device->gpu][index];
    return OK;
}

ret_t nvmlEventSetCreate(void **out) {
    static int set;
    *out = &set;
    return OK;
}
ret_t nvmlDeviceRegisterEvents(device_t *device, u64 types, void *set) {
    (void)types, (void)set;
    return enter(device, "nvmlDeviceRegisterEvents");
}
/* [system] xid=SERIAL:NUMBER gives one event each time the serial changes. */
ret_t nvmlEventSetWait_v2(void *set, event_t *out, u32 timeout_ms) {
    char text[TEXT];
    int serial = 0, xid = 0;
    (void)set, (void)timeout_ms;
    if (!look_in("system", "xid", text)) return TIMEOUT;
    if (sscanf(text, "%d:%d", &serial, &xid) != 2 || serial == last_xid)
        return TIMEOUT;
    last_xid = serial;
    memset(out, 0, sizeof *out);
    nvmlDeviceGetHandleByIndex_v2((u32)number("system", "xid_gpu", 0), &out->device);
    out->type = 8;
    out->data = (u64)xid;
    return OK;
}
