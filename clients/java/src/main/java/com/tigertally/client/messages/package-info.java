/**
 * What can be asked and answered, one class per message, made from the server's own tables.
 *
 * <p>Requests are filled by chained setters and used once; answers are read-only. Secret fields are
 * {@link com.tigertally.client.Secret}s and show nothing when printed.
 */
package com.tigertally.client.messages;
