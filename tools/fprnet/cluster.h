/* SPDX-License-Identifier: MIT */
#ifndef FPRNET_CLUSTER_H
#define FPRNET_CLUSTER_H

#include <stdio.h>
#include <sys/types.h>

#define CLUSTER_NODES_MAX 64
#define CLUSTER_MTU 9000

/**
 * struct cluster - machines that are namespaces of this one
 * @nodes: how many
 * @holder: a process each, in whose network and UTS namespace a node's programs run
 * @folder: for mpirun's files
 * @mpirun: under way, 0 when not
 */
struct cluster {
	int nodes;
	pid_t holder[CLUSTER_NODES_MAX], mpirun;
	char folder[32];
};

/**
 * cluster_open() - make the machines and their network
 * @cluster: filled in; cluster_close() it in any case
 * @nodes: how many; each has eth0, a veth pair to a bridge
 *
 * This process goes to a network namespace of its own, for good: the bridge is there. Nothing has
 * a name outside, and every process ends with this one, so nothing is left behind however it ends.
 *
 * Return: EXIT_OK; EXIT_DENIED after a complaint, where this is not allowed
 */
int cluster_open(struct cluster *cluster, int nodes);

/**
 * cluster_shape() - let each node send so fast
 * @cluster: open
 * @gbps: of each eth0, outgoing, by a token bucket; 0: as fast as it can
 * Return: EXIT_OK; EXIT_DENIED after a complaint
 */
int cluster_shape(const struct cluster *cluster, double gbps);

/**
 * cluster_start() - start a program's ranks, one on each node
 * @cluster: open, nothing started
 * @arguments: program and its arguments, ends with NULL
 * @count: of them
 * @buffer: bytes that a connection holds to be sent; what it holds can no longer be overtaken
 * @output: set to what rank 0 prints
 * Return: EXIT_OK, or EXIT_FAILED after a complaint
 */
int cluster_start(struct cluster *cluster, char *const *arguments, int count, int buffer,
		  FILE **output);

/**
 * cluster_wait() - wait for them
 * @cluster: whose program was started
 * Return: EXIT_OK, or EXIT_FAILED after a complaint
 */
int cluster_wait(struct cluster *cluster);

void cluster_close(struct cluster *cluster);

#endif
