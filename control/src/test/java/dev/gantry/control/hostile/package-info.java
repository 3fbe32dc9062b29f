/// Every operation against input that nobody should send: made from the models, so that an
/// operation is covered from the day it is carried out.
@NullMarked
package dev.gantry.control.hostile;

import org.jspecify.annotations.NullMarked;
