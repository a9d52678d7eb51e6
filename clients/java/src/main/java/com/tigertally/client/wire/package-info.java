/**
 * The protocol without sockets: layouts, frames, keys, and {@link com.tigertally.client.wire.ClientConnection}, which turns bytes
 * into events and requests into bytes.
 *
 * <p>No threads, no clock, no I/O. An application needs nothing of it; it is public for those who write a transport of their own.
 * The protocol is described in {@code docs/PROTOCOL.md}.
 */
package com.tigertally.client.wire;
