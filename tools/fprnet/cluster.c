/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cluster.h"
#include "files.h"
#include "fprnet.h"

#define NETWORK "10.77.0.0/24"
#define BATCH_MAX 16384
/* What a token bucket lets through at once, in seconds of its rate, and at least. */
#define BURST_S 0.004
/* More than the largest packet, which else would be cut into frames, one at a time. */
#define BURST_LEAST 131072.0
/* tc takes no 4 GiB. */
#define BURST_MOST 1073741824.0
/* TCP keeps little in a queue by itself; nothing is to be dropped. */
#define QUEUE_BYTES (16u << 20)
#define ARGUMENTS_MAX 64

/* ---- programs ---------------------------------------------------------- */

static int end_of(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Ends with its parent, which is to be @parent. */
static void end_with(pid_t parent, int signal)
{
	prctl(PR_SET_PDEATHSIG, signal);
	if (getppid() != parent)
		_exit(127);
}

static int enter(pid_t holder)
{
	char path[64];
	int fd, ret;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)holder);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = setns(fd, CLONE_NEWNET) ? -errno : 0;
	close(fd);
	return ret;
}

static void become_tool(const char *tool, pid_t holder, const int *in, const int *out, pid_t parent)
{
	end_with(parent, SIGKILL);
	if (dup2(in[0], STDIN_FILENO) < 0 || dup2(out[1], STDOUT_FILENO) < 0 ||
	    dup2(out[1], STDERR_FILENO) < 0 || (holder && enter(holder)))
		_exit(127);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
	execlp(tool, tool, "-batch", "-", (char *)NULL);
	fprintf(stderr, "%s: %s\n", tool, strerror(errno));
	_exit(127);
}

/* First line that a program says, all of it read. */
static void read_line(int fd, char *line, size_t size)
{
	char rest[256];
	size_t have = 0;
	ssize_t n;

	while ((n = read(fd, have + 1 < size ? line + have : rest,
			 have + 1 < size ? size - 1 - have : sizeof(rest))) > 0)
		if (have + 1 < size)
			have += (size_t)n;
	line[have] = 0;
	line[strcspn(line, "\n")] = 0;
}

/* Has `ip` or `tc` do what @batch says, in a node's network namespace or (0) in this one. */
static int run_tool(const char *tool, pid_t holder, const char *batch)
{
	const pid_t parent = getpid();
	int in[2], out[2], status;
	char line[256];
	pid_t child;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
		complain("no pipe: %s", strerror(errno));
		return EXIT_DENIED;
	}
	child = fork();
	if (!child)
		become_tool(tool, holder, in, out, parent);
	close(in[0]);
	close(out[1]);
	/* A batch fits a pipe, so this does not wait for the reader. */
	if (child > 0 && write(in[1], batch, strlen(batch)) < 0)
		complain("%s: %s", tool, strerror(errno));
	close(in[1]);
	read_line(out[0], line, sizeof(line));
	close(out[0]);
	status = child > 0 ? end_of(child) : -1;
	if (!status)
		return EXIT_OK;
	complain("%s (Debian: iproute2) cannot set up the network: %s", tool,
		 *line ? line : "it failed");
	return EXIT_DENIED;
}

/* ---- nodes ------------------------------------------------------------- */

/* Both are there everywhere; what else may be the default paces by guesses at a bucket's rate. */
static void choose_congestion_control(void)
{
	const int fd = open("/proc/sys/net/ipv4/tcp_congestion_control", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "cubic", 5) != 5 && write(fd, "reno", 4) != 4)
		complain("no TCP congestion control of the usual ones: %s", strerror(errno));
	close(fd);
}

static void hold(int node, int out, pid_t parent)
{
	char name[32];
	int error = 0;

	end_with(parent, SIGKILL);
	signal(SIGINT, SIG_IGN);
	snprintf(name, sizeof(name), "node%d", node);
	if (unshare(CLONE_NEWNET | CLONE_NEWUTS) || sethostname(name, strlen(name)))
		error = errno;
	else
		choose_congestion_control();
	if (write(out, &error, sizeof(error)) != sizeof(error) || error)
		_exit(1);
	close(out);
	for (;;)
		pause();
}

static int denied(int error)
{
	complain("namespaces are not allowed here: %s; replay needs root with CAP_SYS_ADMIN and "
		 "CAP_NET_ADMIN",
		 strerror(error));
	return EXIT_DENIED;
}

static int add_node(struct cluster *cluster)
{
	const pid_t parent = getpid();
	int ends[2], error = EIO;

	if (pipe2(ends, O_CLOEXEC))
		return denied(errno);
	cluster->holder[cluster->nodes] = fork();
	if (!cluster->holder[cluster->nodes])
		hold(cluster->nodes, ends[1], parent);
	close(ends[1]);
	if (cluster->holder[cluster->nodes] < 0 ||
	    read(ends[0], &error, sizeof(error)) != sizeof(error))
		error = error ? error : EIO;
	close(ends[0]);
	if (cluster->holder[cluster->nodes] > 0)
		cluster->nodes++;
	return error ? denied(error) : EXIT_OK;
}

static int wire(const struct cluster *cluster)
{
	char batch[BATCH_MAX];
	size_t n = (size_t)snprintf(batch, sizeof(batch),
				    "link set lo up\nlink add br0 type bridge\n"
				    "addr add 10.77.0.254/24 dev br0\nlink set br0 up\n");
	int ret;

	for (int i = 0; i < cluster->nodes; i++)
		n += (size_t)snprintf(batch + n, sizeof(batch) - n,
				      "link add v%d type veth peer name eth0 netns %d\n"
				      "link set v%d master br0 mtu %d up\n",
				      i, (int)cluster->holder[i], i, CLUSTER_MTU);
	ret = run_tool("ip", 0, batch);
	for (int i = 0; ret == EXIT_OK && i < cluster->nodes; i++) {
		snprintf(batch, sizeof(batch),
			 "link set lo up\naddr add 10.77.0.%d/24 dev eth0\nlink set eth0 mtu %d "
			 "up\n",
			 i + 1, CLUSTER_MTU);
		ret = run_tool("ip", cluster->holder[i], batch);
	}
	return ret;
}

int cluster_open(struct cluster *cluster, int nodes)
{
	int ret = EXIT_OK;

	*cluster = (struct cluster){.folder = "/tmp/fprnet.XXXXXX"};
	if (!mkdtemp(cluster->folder)) {
		complain("/tmp: %s", strerror(errno));
		*cluster->folder = 0;
		return EXIT_FAILED;
	}
	if (unshare(CLONE_NEWNET))
		return denied(errno);
	while (ret == EXIT_OK && cluster->nodes < nodes)
		ret = add_node(cluster);
	return ret == EXIT_OK ? wire(cluster) : ret;
}

int cluster_shape(const struct cluster *cluster, double gbps)
{
	const double rate = gbps * 1e9, burst = rate / 8 * BURST_S;
	int ret = EXIT_OK;
	char batch[256];

	if (gbps > 0)
		snprintf(batch, sizeof(batch),
			 "qdisc replace dev eth0 root tbf rate %.0fbit burst %.0f limit %u\n", rate,
			 fmin(fmax(burst, BURST_LEAST), BURST_MOST), QUEUE_BYTES);
	else
		/* Whatever there was. */
		snprintf(batch, sizeof(batch), "qdisc replace dev eth0 root pfifo limit 1000\n");
	for (int i = 0; ret == EXIT_OK && i < cluster->nodes; i++)
		ret = run_tool("tc", cluster->holder[i], batch);
	return ret;
}

/* ---- ranks ------------------------------------------------------------- */

static void tell_agent(const struct cluster *cluster)
{
	char name[32], value[32];

	for (int i = 0; i < cluster->nodes; i++) {
		snprintf(name, sizeof(name), "FPRNET_node%d", i);
		snprintf(value, sizeof(value), "%d", (int)cluster->holder[i]);
		setenv(name, value, 1);
	}
	/* Who may make namespaces is root. */
	setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
	setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
}

static void become_mpirun(const struct cluster *cluster, const char *agent, char *const *arguments,
			  int count, int buffer)
{
	char hosts[CLUSTER_NODES_MAX * 16] = "", ranks[16], bytes[16];
	const char *argv[ARGUMENTS_MAX] = {/* Only TCP: shared memory would go past the links. */
					   "mpirun",
					   "--mca",
					   "pml",
					   "ob1",
					   "--mca",
					   "btl",
					   "tcp,self",
					   "--mca",
					   "btl_tcp_sndbuf",
					   bytes,
					   "--mca",
					   "btl_tcp_if_include",
					   NETWORK,
					   "--mca",
					   "oob_tcp_if_include",
					   NETWORK,
					   "--mca",
					   "plm",
					   "rsh",
					   "--mca",
					   "plm_rsh_agent",
					   agent,
					   "--mca",
					   "orte_tmpdir_base",
					   cluster->folder,
					   "--bind-to",
					   "none",
					   "--host",
					   hosts,
					   "-n",
					   ranks};
	int n = 0;

	for (int i = 0; i < cluster->nodes; i++)
		snprintf(hosts + strlen(hosts), sizeof(hosts) - strlen(hosts), "%snode%d:1",
			 i ? "," : "", i);
	snprintf(ranks, sizeof(ranks), "%d", cluster->nodes);
	snprintf(bytes, sizeof(bytes), "%d", buffer);
	while (argv[n])
		n++;
	for (int i = 0; i < count && n < ARGUMENTS_MAX - 1; i++)
		argv[n++] = arguments[i];
	tell_agent(cluster);
	execvp("mpirun", (char *const *)(uintptr_t)argv);
	complain("mpirun (Debian: openmpi-bin): %s", strerror(errno));
	_exit(127);
}

int cluster_start(struct cluster *cluster, char *const *arguments, int count, int buffer,
		  FILE **output)
{
	const pid_t parent = getpid();
	char agent[FILES_PATH_MAX];
	int ends[2];

	if (files_find("launch-agent", agent, sizeof(agent)) || pipe2(ends, O_CLOEXEC)) {
		complain("launch-agent is not there, or there is no pipe");
		return EXIT_FAILED;
	}
	fflush(NULL);
	cluster->mpirun = fork();
	if (!cluster->mpirun) {
		end_with(parent, SIGTERM);
		dup2(ends[1], STDOUT_FILENO);
		become_mpirun(cluster, agent, arguments, count, buffer);
	}
	close(ends[1]);
	*output = cluster->mpirun > 0 ? fdopen(ends[0], "r") : NULL;
	if (*output)
		return EXIT_OK;
	close(ends[0]);
	complain("cannot start mpirun: %s", strerror(errno));
	return EXIT_FAILED;
}

int cluster_wait(struct cluster *cluster)
{
	const int status = end_of(cluster->mpirun);

	cluster->mpirun = 0;
	if (!status)
		return EXIT_OK;
	complain("mpirun ended with status %d", status);
	return EXIT_FAILED;
}

void cluster_close(struct cluster *cluster)
{
	char *const rm[] = {(char[]){"rm"}, (char[]){"-rf"}, cluster->folder, NULL};
	pid_t child;

	if (cluster->mpirun > 0) {
		kill(cluster->mpirun, SIGTERM);
		end_of(cluster->mpirun);
	}
	for (int i = 0; i < cluster->nodes; i++) {
		kill(cluster->holder[i], SIGKILL);
		end_of(cluster->holder[i]);
	}
	child = *cluster->folder ? fork() : -1;
	if (!child) {
		execvp(rm[0], rm);
		_exit(127);
	}
	if (child > 0)
		end_of(child);
}
