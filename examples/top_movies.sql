-- The best movies by their ratings, in plain SQL.
--
--     sparkaas run examples/top_movies.sql -- ratings=PATH
--
-- PATH has lines user::movie::rating::timestamp, such as
-- data/mllib/als/sample_movielens_ratings.txt of the Spark distribution.

CREATE TEMPORARY VIEW ratings AS
SELECT CAST(field[0] AS INT) AS user,
       CAST(field[1] AS INT) AS movie,
       CAST(field[2] AS DOUBLE) AS rating
FROM (SELECT split(value, '::') AS field FROM text.`${ratings}`);

SELECT count(*) AS ratings,
       count(DISTINCT user) AS users,
       count(DISTINCT movie) AS movies
FROM ratings;

-- Few ratings say little: each movie starts with five of the average.
WITH overall AS (SELECT avg(rating) AS mean FROM ratings)
SELECT movie,
       count(*) AS ratings,
       round(avg(rating), 2) AS mean,
       round((sum(rating) + 5 * first(overall.mean)) / (count(*) + 5), 2) AS score
FROM ratings CROSS JOIN overall
GROUP BY movie
ORDER BY score DESC, movie
LIMIT 10;
