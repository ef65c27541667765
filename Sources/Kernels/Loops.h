// All loops of one build, and the table that names them.
#pragma once
#include "Paths.h"
#include "Changed.h"
#include "Draw.h"
#include "Fill.h"
#include "Judge.h"
#include "Noise.h"
#include "Pack.h"
#include "Power.h"
#include "RollUp.h"
#include "Shape.h"

const fleetsynth_loops PATH(fleetsynth_loops) = {
    .normals = PATH(normals), .events = PATH(events), .fill = PATH(fill), .pack = PATH(pack), .extremes = PATH(extremes),
    .shape_scaled = PATH(shape_scaled), .shape_real = PATH(shape_real), .add = PATH(add), .sum = PATH(sum), .sum_narrow = PATH(sum_narrow),
    .add_normals = PATH(add_normals), .cubic = PATH(cubic), .remember = PATH(remember), .slow = PATH(slow), .shape_narrow = PATH(shape_narrow),
    .high = PATH(high), .change = PATH(change), .count_from = PATH(count_from), .publish = PATH(publish), .count_scaled = PATH(count_scaled),
    .powers = PATH(powers), .close = PATH(close), .add_sums = PATH(add_sums), .events_reaching = PATH(events_reaching), .weighted_normals = PATH(weighted_normals),
    .bent = PATH(bent), .widen = PATH(widen), .residuals = PATH(residuals), .products = PATH(products), .remembered = PATH(remembered),
    .slots = PATH(slots),
};
