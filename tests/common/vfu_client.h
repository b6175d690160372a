/* SPDX-License-Identifier: MIT */
#ifndef FPR_VFU_CLIENT_H
#define FPR_VFU_CLIENT_H

/* A vfio-user client over a socketpair, a board served at its other end. Include cmocka.h first. */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "device.h"
#include "vfu_wire.h"

#define CLIENT_BUS 0x40000000ull
#define CLIENT_BYTES (4u << 20)
#define CLIENT_BOARD_BYTES (8u << 20)

/* Memory that is not shared: the board has to ask for it, at most so much at a time. */
#define CLIENT_PEER 0x80000000ull
#define CLIENT_PEER_BYTES (256u << 10)
#define CLIENT_PEER_MOST 4096

/* What becomes of the board's questions for it. */
enum client_manners { CLIENT_ANSWERS, CLIENT_REFUSES, CLIENT_STINTS, CLIENT_IS_SILENT };

struct vfu_client {
	struct fpr_device *device;
	pthread_t thread;
	int served; /* what vfu_serve() returned */
	int fd, server_fd;
	uint16_t id;
	/* the last reply */
	struct vfu_header reply;
	uint8_t body[8192];
	int got_fd; /* that came with it, or -1 */
	uint8_t *memory; /* shared with the board at CLIENT_BUS, once mapped */
	int memory_fd;
	uint8_t *peer;
	enum client_manners manners;
	unsigned int asked; /* questions so far */
	struct vfu_header question; /* the last of them, and what came with it */
	uint8_t question_body[sizeof(struct vfu_dma_access) + CLIENT_PEER_MOST];
};

/* A board with this kind of interrupt, and a connection to it. */
struct vfu_client *client_open(enum vfu_irq_kind irq);
struct vfu_client *client_open_model(enum vfu_irq_kind irq, enum fpr_board_model model);
struct vfu_client *client_open_recorded(enum vfu_irq_kind irq, struct fpr_recorder *recorder);

/* Hangs up and waits for the server; returns what vfu_serve() did. */
int client_close(struct vfu_client *client);

/* Sends one message, as it is; @fd goes along unless negative. */
void client_send(struct vfu_client *client, uint16_t command, uint32_t flags, const void *body,
		 uint32_t n, int fd);

/* Sends bytes that need be no message. */
void client_raw(struct vfu_client *client, const void *bytes, size_t n);

/* Waits for the reply; false when the server hung up instead. */
bool client_receive(struct vfu_client *client);

/* Both, without flags; returns the error of the reply. */
uint32_t client_ask(struct vfu_client *client, uint16_t command, const void *body, uint32_t n,
		    int fd);

/* Accesses of 1 to 8 bytes. */
uint64_t client_read(struct vfu_client *client, uint32_t region, uint64_t offset, uint32_t n);
void client_write(struct vfu_client *client, uint32_t region, uint64_t offset, uint64_t value,
		  uint32_t n);

/* Registers of BAR0. */
uint32_t reg_read(struct vfu_client *client, uint32_t offset);
void reg_write(struct vfu_client *client, uint32_t offset, uint32_t value);

/* Shares memory and lets the board use it: VERSION, DMA_MAP, bus mastering. */
void client_ready(struct vfu_client *client);

/* Lets the board know of the peer memory; @flags as in DMA_MAP. */
void client_peer(struct vfu_client *client, uint32_t flags);

/* Answers the last question, whatever the manners. */
void client_answer(struct vfu_client *client);

/* Sends an eventfd for interrupt @vector of @index; returns our end. */
int client_event(struct vfu_client *client, uint32_t index, uint32_t vector);

/* Waits for an eventfd, at most for the patience of a test. */
void wait_event(int fd);
bool event_is_quiet(int fd);

#endif
