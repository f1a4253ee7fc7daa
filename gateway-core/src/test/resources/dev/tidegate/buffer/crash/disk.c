/*
 * A disk that notes, dies and fails on demand: preloaded into a process (LD_PRELOAD), it stands between
 * that process and the files of one folder. Tests alone compile and use it: crash/Disk.java.
 *
 *   TIDEGATE_DISK_FOLDER  absolute path of the folder; nothing outside it is touched
 *   TIDEGATE_DISK_LOG     where to note every change; absent: nowhere
 *   TIDEGATE_DISK_KILL    before:n or after:n, ends the process at its nth durable step (SIGKILL)
 *
 * A durable step is a create, write, truncate, rename or unlink of a file in the folder, or the fsync of
 * one or of the folder itself. SQLite's index of its log (-shm) is left out: it means nothing after a
 * power cut, and is made anew. One lock makes step and note one, so that the log's order is the order in
 * which things happened, and marks (disk_mark) fall between the steps where they were made.
 *
 * The log is a sequence of, little-endian:
 *
 *   +----+-----------+-----------+----------+----------+------+------+------+
 *   | op | name len  | other len | offset   | data len | name | other| data |
 *   | u8 | u16       | u16       | u64      | u32      |      |      |      |
 *   +----+-----------+-----------+----------+----------+------+------+------+
 *
 * op: C create, W write, T truncate (offset: the new size), S fsync, F fsync that failed, R rename
 * (name to other), U unlink, M mark (data: its text). A name is relative to the folder; empty: the folder.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FDS 4096
#define WRITES 1
#define SYNCS 2
#define OPENS 4
#define NAMES 8

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char folder[PATH_MAX];
static size_t folder_len;
static int log_fd = -1;
static long kill_at;
static int kill_after;
static long steps;
static char *names[MAX_FDS]; /* by descriptor: relative to the folder, NULL where not in it */

static int fault_kinds;  /* WRITES | SYNCS | OPENS | NAMES */
static int fault_errno;
static long fault_skips; /* how many are let through first */
static long fault_times; /* how many more; -1: until it is taken away */
static long failed;
static long room = -1;   /* by how many bytes files may still grow; -1: any */

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);
static int (*real_remove)(const char *);

__attribute__((constructor)) static void start(void) {
  static int started;
  if (started) return;
  started = 1;
  real_open = dlsym(RTLD_NEXT, "open64");
  real_openat = dlsym(RTLD_NEXT, "openat64");
  real_close = dlsym(RTLD_NEXT, "close");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_rename = dlsym(RTLD_NEXT, "rename");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_remove = dlsym(RTLD_NEXT, "remove");
  const char *path = getenv("TIDEGATE_DISK_FOLDER");
  if (path != NULL && strlen(path) < sizeof folder) {
    strcpy(folder, path);
    folder_len = strlen(folder);
  }
  const char *log = getenv("TIDEGATE_DISK_LOG");
  if (log != NULL) log_fd = real_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const char *at = getenv("TIDEGATE_DISK_KILL");
  if (at != NULL) {
    kill_after = strncmp(at, "after:", 6) == 0;
    kill_at = atol(strchr(at, ':') + 1);
  }
}

/* The name within the folder; NULL for what lies elsewhere; "" for the folder itself. */
static const char *within(const char *path) {
  if (folder_len == 0 || path == NULL || strncmp(path, folder, folder_len) != 0) return NULL;
  if (path[folder_len] == 0) return "";
  return path[folder_len] == '/' ? path + folder_len + 1 : NULL;
}

/* SQLite's index of its log: never durable, so its steps do not count. */
static int is_index(const char *name) {
  size_t n = strlen(name);
  return n >= 4 && strcmp(name + n - 4, "-shm") == 0;
}

static const char *name_of(int fd) { return fd >= 0 && fd < MAX_FDS ? names[fd] : NULL; }

static void die(const char *why) {
  fprintf(stderr, "disk: %s\n", why);
  abort();
}

static void note(char op, const char *name, const char *other, uint64_t offset, const void *data, uint32_t len) {
  if (log_fd < 0) return;
  uint16_t name_len = (uint16_t)strlen(name);
  uint16_t other_len = (uint16_t)strlen(other);
  struct iovec parts[] = {
      {&op, 1}, {&name_len, 2}, {&other_len, 2}, {&offset, 8}, {&len, 4},
      {(void *)name, name_len}, {(void *)other, other_len}, {(void *)data, len}};
  ssize_t all = 17 + name_len + other_len + len;
  if (syscall(SYS_writev, log_fd, parts, 8) != all) die("the log cannot be written");
}

static void dies(int after) {
  if (kill_at > 0 && steps == kill_at && kill_after == after) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
}

static void step_begins(void) {
  pthread_mutex_lock(&lock);
  steps++;
  dies(0);
}

static void step_ends(void) {
  int keep = errno;
  dies(1);
  pthread_mutex_unlock(&lock);
  errno = keep;
}

/* Whether this step must fail now; sets errno. Called under the lock. */
static int fails(int kind) {
  if ((fault_kinds & kind) == 0 || fault_times == 0) return 0;
  if (fault_skips > 0) {
    fault_skips--;
    return 0;
  }
  if (fault_times > 0) fault_times--;
  failed++;
  errno = fault_errno;
  return 1;
}

/* For the process itself, by its foreign function interface. */

void disk_mark(const char *text) {
  pthread_mutex_lock(&lock);
  note('M', "", "", 0, text, (uint32_t)strlen(text));
  pthread_mutex_unlock(&lock);
}

void disk_fault(int kinds, int error, long skips, long times) {
  pthread_mutex_lock(&lock);
  fault_kinds = kinds;
  fault_errno = error;
  fault_skips = skips;
  fault_times = times;
  pthread_mutex_unlock(&lock);
}

void disk_room(long bytes) {
  pthread_mutex_lock(&lock);
  room = bytes;
  pthread_mutex_unlock(&lock);
}

long disk_steps(void) { return steps; }

long disk_failed(void) { return failed; }

/* Opening and closing. */

static int opened(int fd, const char *name) {
  if (fd >= MAX_FDS) die("too many files");
  if (fd >= 0) names[fd] = is_index(name) ? NULL : strdup(name);
  return fd;
}

static int open_in_folder(const char *path, const char *name, int flags, mode_t mode) {
  int writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0;
  struct stat st;
  int is_new = (flags & O_CREAT) != 0 && stat(path, &st) != 0;
  int is_step = !is_index(name) && (is_new || (flags & O_TRUNC) != 0);
  if (is_step) step_begins();
  else pthread_mutex_lock(&lock);
  int fd = writes && fails(OPENS) ? -1 : opened(real_open(path, flags, mode), name);
  if (fd >= 0 && is_step) note(is_new ? 'C' : 'T', name, "", 0, "", 0);
  if (is_step) step_ends();
  else pthread_mutex_unlock(&lock);
  return fd;
}

static int open_any(const char *path, int flags, mode_t mode) {
  start();
  const char *name = within(path);
  return name == NULL ? real_open(path, flags, mode) : open_in_folder(path, name, flags, mode);
}

#define MODE_OF(flags)                              \
  mode_t mode = 0;                                  \
  if (((flags) & (O_CREAT | O_TMPFILE)) != 0) {     \
    va_list rest;                                   \
    va_start(rest, flags);                          \
    mode = va_arg(rest, mode_t);                    \
    va_end(rest);                                   \
  }

int open(const char *path, int flags, ...) {
  MODE_OF(flags)
  return open_any(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  MODE_OF(flags)
  return open_any(path, flags | O_LARGEFILE, mode);
}

int openat64(int dir, const char *path, int flags, ...) {
  MODE_OF(flags)
  start();
  return within(path) != NULL ? open_any(path, flags, mode) : real_openat(dir, path, flags, mode);
}

int close(int fd) {
  start();
  if (fd >= 0 && fd < MAX_FDS && names[fd] != NULL) {
    pthread_mutex_lock(&lock);
    free(names[fd]);
    names[fd] = NULL;
    pthread_mutex_unlock(&lock);
  }
  return real_close(fd);
}

/* Content. */

/* By how much a file grows; gives back, where negative. */
static int grows(int fd, off_t end) {
  struct stat st;
  if (room < 0 || fstat(fd, &st) != 0) return 0;
  long growth = end > st.st_size ? (long)(end - st.st_size) : 0;
  if (growth > room) {
    failed++;
    errno = ENOSPC;
    return -1;
  }
  room -= growth;
  return 0;
}

static void gives_back(long bytes) {
  if (room >= 0 && bytes > 0) room += bytes;
}

static ssize_t write_at(int fd, const void *data, size_t len, off_t offset, int is_positioned) {
  step_begins();
  ssize_t n = -1;
  if (!fails(WRITES) && grows(fd, offset + (off_t)len) == 0) {
    n = is_positioned ? real_pwrite(fd, data, len, offset) : real_write(fd, data, len);
    if (n > 0) note('W', names[fd], "", (uint64_t)offset, data, (uint32_t)n);
  }
  step_ends();
  return n;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off_t offset) {
  start();
  return name_of(fd) == NULL ? real_pwrite(fd, data, len, offset) : write_at(fd, data, len, offset, 1);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset) { return pwrite64(fd, data, len, offset); }

ssize_t write(int fd, const void *data, size_t len) {
  start();
  if (name_of(fd) == NULL) return real_write(fd, data, len);
  int is_append = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
  return write_at(fd, data, len, lseek(fd, 0, is_append ? SEEK_END : SEEK_CUR), 0);
}

int ftruncate64(int fd, off_t size) {
  start();
  if (name_of(fd) == NULL) return real_ftruncate(fd, size);
  step_begins();
  struct stat st = {0};
  fstat(fd, &st);
  int result = fails(WRITES) || grows(fd, size) != 0 ? -1 : real_ftruncate(fd, size);
  if (result == 0) {
    gives_back((long)(st.st_size - size));
    note('T', names[fd], "", (uint64_t)size, "", 0);
  }
  step_ends();
  return result;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int sync_with(int fd, int (*sync)(int)) {
  if (name_of(fd) == NULL) return sync(fd);
  step_begins();
  int result = fails(SYNCS) ? -1 : sync(fd);
  int keep = errno;
  note(result == 0 ? 'S' : 'F', names[fd], "", 0, "", 0);
  errno = keep;
  step_ends();
  return result;
}

int fsync(int fd) {
  start();
  return sync_with(fd, real_fsync);
}

int fdatasync(int fd) {
  start();
  return sync_with(fd, real_fdatasync);
}

/* Names. */

int rename(const char *from, const char *to) {
  start();
  const char *name = within(from);
  const char *other = within(to);
  if (name == NULL || other == NULL) return real_rename(from, to);
  step_begins();
  int result = fails(NAMES) ? -1 : real_rename(from, to);
  if (result == 0) note('R', name, other, 0, "", 0);
  step_ends();
  return result;
}

static int delete_with(const char *path, int (*delete)(const char *)) {
  const char *name = within(path);
  struct stat st;
  if (name == NULL || is_index(name) || stat(path, &st) != 0) return delete(path);
  step_begins();
  int result = fails(NAMES) ? -1 : delete(path);
  if (result == 0) {
    gives_back((long)st.st_size);
    note('U', name, "", 0, "", 0);
  }
  step_ends();
  return result;
}

int unlink(const char *path) {
  start();
  return delete_with(path, real_unlink);
}

int remove(const char *path) {
  start();
  return delete_with(path, real_remove);
}
